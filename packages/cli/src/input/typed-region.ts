import { realpathSync } from 'node:fs'
import { isNamed, type WhichLedger } from '@holdfast/engine/which-ledger'
import { UsageError } from '../failure/usage-error.ts'
import { plain } from '../print/plain.ts'
import { anchoredStore } from '../program/store-url.ts'
import { workingFolder } from './environment.ts'
import { isPlaced, rootedRegion, type RootedRegion } from './rooted-region.ts'

interface Typed {
  readonly region?: readonly string[] | undefined
  readonly paths?: readonly string[] | undefined
}

/**
 * A region as it was typed here, for the ledger that is meant. Where the command stands matters only to who names paths:
 * the folder may be there no more.
 *
 * @throws UsageError, with the field, for a glob without a leading `./` from where it means nothing.
 */
export function typedRegion(typed: Typed, shell: { readonly which: WhichLedger }, field = ''): RootedRegion {
  if (typed.region === undefined && typed.paths === undefined) return { region: undefined, warnings: [] }
  const folder = realpathSync(workingFolder())
  const { which } = shell
  if (which.away !== undefined) refuseAway(typed, which, field)
  const named = isNamed(which) ? anchoredStore(which.url) : undefined
  return rootedRegion(typed, { root: which.root, folder, named }, field)
}

/** From outside the root a glob without a leading `./` would silently mean a file that is not the one beside the caller. */
function refuseAway(typed: Typed, { root, away = '', url, rootIsOwn }: WhichLedger, field: string): void {
  if (rootIsOwn === true) {
    throw new UsageError(
      `${field}region: regions of the ledger at ${plain(url)} are relative to the top of whichever work tree a caller is in, and ${plain(away)} is in none. Change to a folder of a work tree.`,
    )
  }
  const index = (typed.region ?? []).findIndex(glob => !isPlaced(glob))
  if (index < 0) return
  const glob = JSON.stringify(typed.region?.[index])
  throw new UsageError(
    `${field}region.${index}: ${glob}: regions of the ledger at ${plain(url)} are relative to ${plain(root)}, and you are in ${plain(away)}, outside of it. Change to a folder below that root, or give an absolute path or --path. If both hold the same files (clones, or one folder mounted twice), use a ledger made with \`holdfast init --store URL --root each\`; if the folder has moved, \`holdfast init --root .\` there says so.`,
  )
}
