import { faultText } from '@holdfast/core/internal'
import type { AcquireRequest, ClaimRequest } from '@holdfast/engine/lean'
import { Option, type Command } from 'commander'
import { UsageError } from '../failure/usage-error.ts'
import { FurtherClaims } from '../input/claims-shapes.ts'
import { collect, wholeCount } from '../input/flag-values.ts'
import { holderOf, holderOption, runIdOption } from '../input/ownership-flags.ts'
import { readJson } from '../input/read-json.ts'
import { typedRegion } from '../input/typed-region.ts'
import type { Shell } from '../program/shell.ts'
import { warnOfFurtherClaims } from '../program/warn-of-further-claims.ts'

/** What `acquire` and `run` take to ask for a lease. */
export interface AcquireFlags {
  readonly holder?: string
  readonly region?: readonly string[]
  readonly path?: readonly string[]
  readonly mode?: 'exclusive' | 'shared'
  readonly kind?: string
  readonly ttl?: string
  readonly anyOf?: readonly string[]
  readonly allOf?: string
  readonly wait?: string
  readonly runId?: string
  readonly requestId?: string
  readonly maxAttempts?: string
  readonly reap?: 'optional' | 'required'
}

/** Gives a command the flags of a request. */
export function takesRequest(command: Command): Command {
  return command
    .argument('<lane>', 'name of the lock that is requested')
    .addOption(holderOption('who asks'))
    .option(
      '--region <glob>',
      'glob of paths that the lease covers, relative to the root (./x: to this folder); repeat for more',
      collect,
    )
    .option('--path <path>', 'file or folder that the lease covers, taken literally; repeat for more', collect)
    .addOption(new Option('--mode <mode>', 'shared leases do not exclude each other').choices(['exclusive', 'shared']))
    .option('--kind <kind>', 'kind of lease; a kind can have a budget of leases')
    .option('--ttl <duration>', 'how long the lease lives without a heartbeat, such as 90s')
    .option('--any-of <lane>', 'another lane to try; the first free one is leased; repeat for more', collect)
    .option('--all-of <file>', 'JSON file with a list of further claims; all are granted, or none')
    .option('--wait <duration>', 'wait in the queue for at most so long')
    .addOption(runIdOption())
    .option('--request-id <id>', 'name of this request; a repeat with the same name returns the same lease')
    .option('--max-attempts <n>', 'how often the work may be tried in all')
    .addOption(
      new Option('--reap <need>', 'required: only a reaper may end the lease').choices(['optional', 'required']),
    )
}

/** What is asked for, and what about it may not be what was meant. */
export interface TypedRequest {
  readonly request: AcquireRequest
  readonly warnings: readonly string[]
}

export async function acquireRequest(lane: string, flags: AcquireFlags, shell: Shell): Promise<TypedRequest> {
  const { mode, kind, ttl, anyOf, runId, requestId, maxAttempts, reap } = flags
  const holder = holderOf(flags)
  const claims = flags.allOf === undefined ? undefined : await readClaims(flags.allOf)
  const { region, warnings: ofFlags } = typedRegion({ region: flags.region, paths: flags.path }, shell)
  const rootedClaims = claims?.map((claim, index) => typedRegion(claim, shell, `all-of.${index}.`))
  const allOf = claims?.map(({ paths: _paths, ...claim }, index) => ({
    ...claim,
    region: rootedClaims?.[index]?.region,
  }))
  const attempts = maxAttempts === undefined ? undefined : wholeCount(maxAttempts, 'max-attempts')
  const asked = { lane, holder, region, mode, kind, ttl, anyOf, allOf, runId, requestId, reap, reason: shell.reason }
  const request = { ...asked, maxAttempts: attempts }
  // Before anything is opened: a request that cannot be understood makes no store.
  const { checkAcquireRequest } = await import('@holdfast/engine/lean')
  checkAcquireRequest({ ...request, wait: flags.wait })
  const rooted = [region, ...(allOf ?? []).map(claim => claim.region)].flatMap(globs => globs ?? [])
  const elsewhere = rooted.length === 0 ? [] : await warnOfFurtherClaims(shell.which, { region: rooted, holder })
  const warnings = [...ofFlags, ...(rootedClaims ?? []).flatMap(one => one.warnings), ...elsewhere]
  return { request, warnings }
}

async function readClaims(file: string): Promise<readonly ClaimRequest[]> {
  const parsed = FurtherClaims.safeParse(await readJson(file))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const field = ['all-of', ...(issue?.path ?? [])].join('.')
  throw new UsageError(
    `${field}: ${issue === undefined ? 'unreadable' : faultText(issue)}; write [{"lane": "api", "region": ["src/**"]}].`,
  )
}

/** What is said of a kind that the ledger gives no budget, though it gives others one: a slip takes the budget away. */
export function unknownKind(kind: string | undefined, known: readonly string[]): readonly string[] {
  if (kind === undefined || known.length === 0 || known.includes(kind)) return []
  return [
    `kind: ${JSON.stringify(kind)} has no budget here, so nothing limits it; the ledger knows ${known.join(', ')}.`,
  ]
}
