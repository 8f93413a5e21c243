import type { Claim } from '@holdfast/core'
import { parseDuration, systemProbe, systemTimers } from '@holdfast/engine'
import { instantOf, laneBlockers, leaseJson, type LaneBlockers } from '@holdfast/projections'
import { laneBlockers$ } from '@holdfast/projections/streams'
import { StoreError, type StoreErrorCode } from '@holdfast/store'
import { Option } from 'commander'
import type { WaitAnswer } from '@holdfast/server/schemas'
import { blockerAnswer } from '@holdfast/server/answers'
import { blockerText } from '@holdfast/server/text'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { askedClaim, type ClaimFlags } from '../input/asked-claim.ts'
import { collect } from '../input/flag-values.ts'
import { typedRegion } from '../input/typed-region.ts'
import { plain } from '../print/plain.ts'
import { instant } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold, type OpenFold } from '../program/open-fold.ts'

/** Longest span that the platform's timers take. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1

interface WaitFlags extends ClaimFlags {
  readonly path?: readonly string[]
  readonly timeout?: string
}

/** `wait`: until an acquire of a lane would be granted. It takes no place in any line and holds nothing afterwards. */
export const wait: Define = (command, shell) => {
  command
    .argument('<lane>', 'lane to wait for')
    .option('--timeout <span>', 'stop waiting after so long, with exit code 3')
    .option('--region <glob>', 'glob of paths that must be free as well; repeat for more', collect)
    .option('--path <path>', 'file or folder that must be free as well, taken literally; repeat for more', collect)
    .option('--kind <kind>', 'kind of lease whose budget must have room')
    .addOption(
      new Option('--mode <mode>', 'shared: free for a reader; exclusive: free for one alone').choices([
        'exclusive',
        'shared',
      ]),
    )
  examples(command, 'holdfast wait deploy && ./report.sh', 'holdfast wait api --timeout 10m --json')
  shell.does(command, async (name: string, { region: globs, path: paths, ...flags }: WaitFlags) => {
    // Commander gives a flag that belongs to all commands as well to those, wherever it stands.
    const timeout = flags.timeout ?? shell.globals.timeout
    const timeoutMs = timeout === undefined ? null : parseDuration(timeout, 'timeout')
    if (timeoutMs !== null && timeoutMs > TIMEOUT_MAX_MS) throw new UsageError('timeout: give at most 24d.')
    await using ledger = await openFold(shell)
    const { region, warnings } = typedRegion({ region: globs, paths }, shell)
    for (const warning of warnings) shell.out.remark(`holdfast: ${plain(warning)}`)
    const place = { config: ledger.fold.state.config, workTree: shell.workTree }
    const claim = askedClaim(name, { ...flags, region }, place)
    const interrupted = shell.interruption.signal()
    const ends = timeoutMs === null ? [interrupted] : [interrupted, AbortSignal.timeout(timeoutMs)]
    const seen = await untilFree(ledger, claim, AbortSignal.any(ends))
    if (seen.closed !== null) throw closedError(seen.closed)
    if (seen.code === 'unknown-lane') {
      throw new UsageError(`lane: ${JSON.stringify(name)} is not declared, and this ledger allows declared lanes only.`)
    }
    const nowMs = await ledger.store.now(ledger.stream)
    const head = await ledger.store.head(ledger.stream)
    const answer = answerOf(ledger, claim, seen, head === 'none' ? ledger.at.head : head)
    await shell.answer(answer, () => lines(answer, nowMs))
    return seen.free ? EXIT.done : EXIT.refused
  })
}

function answerOf({ at }: OpenFold, { lane }: Claim, seen: LaneBlockers, head: number): WaitAnswer {
  const { free, code, blockers, moreBlockers, leases, freeAtMs } = seen
  return {
    ...at,
    head,
    lane,
    free,
    leases: leases.map(leaseJson),
    ...(code === null ? {} : { code }),
    blockers: blockers.map(blockerAnswer),
    moreBlockers,
    ...(freeAtMs === null ? {} : { freeAt: instantOf(freeAtMs) }),
  }
}

function lines({ lane, free, blockers, moreBlockers, freeAt }: WaitAnswer, nowMs: number): readonly string[] {
  if (free) return [`${tone.good('free')}  ${plain(lane)}`]
  const told = blockers.map(blocker => `${tone.bad('held')}  ${blockerText(blocker, nowMs)}`)
  if (moreBlockers > 0) told.push(`${tone.bad('held')}  ${moreBlockers} more`)
  const end =
    freeAt === undefined
      ? 'No time frees it: somebody has to end what is named here.'
      : `Free ${instant(Date.parse(freeAt), nowMs)} if nothing else happens.`
  return [...told, end]
}

/** What is in the way of the lane: nothing, or whatever still is when it ends before. */
function untilFree(ledger: OpenFold, claim: Claim, ends: AbortSignal): Promise<LaneBlockers> {
  const { store, stream, fold, nowMs, ownClock } = ledger
  return new Promise((resolve, reject) => {
    let seen = laneBlockers(fold.state, { claim, nowMs, ownClock, probe: systemProbe })
    const settle = (): void => {
      watching.unsubscribe()
      ends.removeEventListener('abort', settle)
      resolve(seen)
    }
    const options = { claim, timers: systemTimers, probe: systemProbe }
    const watching = laneBlockers$(store, stream, options).subscribe({
      next: now => {
        seen = now
        if (seen.free || seen.closed !== null || seen.code === 'unknown-lane') settle()
      },
      error: reject,
    })
    ends.addEventListener('abort', settle, { once: true })
    if (ends.aborted) settle()
  })
}

const CODES: Readonly<Record<string, StoreErrorCode>> = {
  'ledger-newer': 'ledger-newer',
  moved: 'moved',
  foreign: 'foreign',
}

/** A ledger that grants nothing to anybody: told as an error, for no answer about a lane is true of it. */
export function closedError({ code, message }: { readonly code: string; readonly message: string }): StoreError {
  return new StoreError(CODES[code] ?? 'invalid', message)
}
