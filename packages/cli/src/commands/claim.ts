import { editLane } from '@holdfast/core/internal'
import { checkAcquireRequest, type AcquireRequest } from '@holdfast/engine/lean'
import { EDIT_KIND } from '@holdfast/engine/sessions'
import { followedPath, GUARD_DEFAULTS } from '@holdfast/engine/write-guard'
import { pathWithin } from '@holdfast/engine/which-ledger'
import { resolve } from 'node:path'
import { UsageError } from '../failure/usage-error.ts'
import { workingFolder } from '../input/environment.ts'
import { holderOf, holderOption, type HolderFlag } from '../input/ownership-flags.ts'
import { typedRegion } from '../input/typed-region.ts'
import { examples, type Define } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import { answerAcquire } from './acquire.ts'

interface ClaimFlags extends HolderFlag {
  readonly ttl?: string
  readonly wait?: string
}

/** `claim`: leases files and folders by their paths, as the first edit of a session of an agent does. */
export const claim: Define = (command, shell) => {
  command
    .argument('<path...>', 'files and folders to lease, each taken literally with all that is below it')
    .addOption(holderOption('who asks'))
    .option('--ttl <duration>', `how long the lease lives without a heartbeat (default: ${GUARD_DEFAULTS.claimTtl})`)
    .option('--wait <duration>', 'wait in the queue for at most so long; for a single path')
  examples(
    command,
    'holdfast claim src/api/x.ts --holder agent-7',
    'holdfast claim src/api docs/api.md --holder agent-7 --wait 10m',
  )
  shell.does(command, async (paths: readonly string[], flags: ClaimFlags) => {
    if (paths.length > 1 && flags.wait !== undefined) {
      throw new UsageError('wait: a place in the queue is for one path; name one, or leave --wait out.')
    }
    const { request, warnings } = claimRequest(paths, flags, shell)
    checkAcquireRequest({ ...request, wait: flags.wait })
    return answerAcquire(shell, { request, warnings, wait: flags.wait })
  })
}

function claimRequest(
  paths: readonly string[],
  flags: ClaimFlags,
  shell: Shell,
): { readonly request: AcquireRequest; readonly warnings: readonly string[] } {
  const asked = [...new Set(paths)].map(path => {
    const { region, warnings } = typedRegion({ paths: [path] }, shell)
    return { lane: editLane(laneOf(path, shell)), region: [...(region ?? [])], kind: EDIT_KIND, warnings }
  })
  const [first, ...others] = asked.map(({ warnings: _, ...one }) => one)
  if (first === undefined) throw new UsageError('path: name at least one file or folder.')
  const holder = holderOf(flags)
  const ttl = flags.ttl ?? GUARD_DEFAULTS.claimTtl
  const request = { ...first, allOf: others, holder, runId: holder, ttl, reason: shell.reason }
  return { request, warnings: asked.flatMap(({ warnings }) => [...warnings]) }
}

/** The same lane as an edit of the path claims. */
function laneOf(path: string, { which }: Shell): string {
  const { target } = followedPath(resolve(workingFolder(), path))
  const below = pathWithin(which.root, target)
  return below === null || below === '' ? path : below
}
