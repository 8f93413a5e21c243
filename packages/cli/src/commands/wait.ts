import { Lane } from '@holdfast/core'
import { parseDuration, systemTimers } from '@holdfast/engine'
import { laneHolders, leaseJson, type LaneHolder } from '@holdfast/projections'
import { laneHolders$ } from '@holdfast/projections/streams'
import { firstFaults } from '../input/faults.ts'
import { plain } from '../print/plain.ts'
import { distance } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { examples } from '../program/examples.ts'
import { EXIT } from '../program/exit-code.ts'
import { openFold, type OpenFold } from '../program/open-fold.ts'
import { UsageError } from '../program/usage-error.ts'
import type { WaitAnswer } from '../schemas/questions.ts'
import type { Define } from './define.ts'

/** Longest span that the platform's timers take. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1

/** `wait`: until nobody holds a lane. It takes no place in any line and holds nothing afterwards. */
export const wait: Define = (command, shell) => {
  command
    .argument('<lane>', 'the lane that is to be free')
    .option('--timeout <span>', 'give up after so long, and end with 3')
  examples(command, 'holdfast wait deploy && ./report.sh', 'holdfast wait api --timeout 10m --json')
  shell.does(command, async (name: string, { timeout }: { readonly timeout?: string }) => {
    const lane = Lane.safeParse(name)
    if (!lane.success) throw new UsageError(`lane: ${firstFaults(lane.error)}`)
    const timeoutMs = timeout === undefined ? null : parseDuration(timeout, 'timeout')
    if (timeoutMs !== null && timeoutMs > TIMEOUT_MAX_MS) throw new UsageError('timeout: give at most 24d.')
    await using ledger = await openFold(shell)
    const interrupted = shell.interruption.signal()
    const ends = timeoutMs === null ? [interrupted] : [interrupted, AbortSignal.timeout(timeoutMs)]
    const holders = await untilFree(ledger, lane.data, AbortSignal.any(ends))
    const nowMs = await ledger.store.now(ledger.stream)
    const head = await ledger.store.head(ledger.stream)
    const free = holders.length === 0
    const answer: WaitAnswer = {
      ...ledger.at,
      head: head === 'none' ? ledger.at.head : head,
      lane: lane.data,
      free,
      leases: holders.map(({ lease }) => leaseJson(lease)),
    }
    await shell.answer(answer, () =>
      free
        ? [`${tone.good('free')}  ${plain(lane.data)}`]
        : holders.map(({ lease: { leaseId, holder }, untilMs }) => {
            const end =
              untilMs === null ? 'until its holder or a reaper ends it' : `expires ${distance(untilMs, nowMs)}`
            return `${tone.bad('held')}  ${leaseId} of ${plain(holder)}, ${end}`
          }),
    )
    return free ? EXIT.done : EXIT.refused
  })
}

/** Who holds the lane: nobody, or whoever still does when it ends before. */
function untilFree(
  { store, stream, fold, nowMs, ownClock }: OpenFold,
  lane: Lane,
  ends: AbortSignal,
): Promise<readonly LaneHolder[]> {
  return new Promise((resolve, reject) => {
    let holding = laneHolders(fold.state, lane, { nowMs, ownClock })
    const settle = (): void => {
      watching.unsubscribe()
      ends.removeEventListener('abort', settle)
      resolve(holding)
    }
    const watching = laneHolders$(store, stream, lane, { timers: systemTimers }).subscribe({
      next: holders => {
        holding = holders
        if (holding.length === 0) settle()
      },
      error: reject,
    })
    ends.addEventListener('abort', settle, { once: true })
    if (ends.aborted) settle()
  })
}
