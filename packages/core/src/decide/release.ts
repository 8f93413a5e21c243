import type { ProposedEvent } from '../events.ts'
import { leaseObstacle } from '../admission/obstacle.ts'
import { isSameLane } from '../state/lane-key.ts'
import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import type { DrainingEntry } from '../state/entries.ts'
import { drainingAt } from '../time/draining-at.ts'
import type { Moment } from '../time/own-clock.ts'
import type { ReleaseCommand } from './command.ts'
import { decisionTime, final, type Decision } from './decision.ts'
import type { Surroundings } from '../evidence.ts'
import { findLease } from './find-lease.ts'
import type { ReleaseOutcome } from './outcome.ts'
import { refuse } from './refusal.ts'
import { closedToAll } from './writability.ts'

/**
 * Decides a release. Under the token of a lease that was taken by force it ends the draining early (`drained`): the old
 * holder says that it has stopped. A `required` lease with a recorded exit is left to the reaper, whose claim ends in a
 * SCAVENGE.
 */
export function decideRelease(
  state: LedgerState,
  command: ReleaseCommand,
  around: Surroundings,
): Decision<ReleaseOutcome> {
  const closed = closedToAll(state)
  if (closed !== null) return final(closed)
  const nowMs = decisionTime(state, around.nowMs)
  const found = findLease(state, command.lane, command.token)
  if (!('lease' in found)) {
    const entry = drainedBy(state, command, { ...around, nowMs })
    if (entry === undefined) return final(found)
    const { leaseId, token } = entry
    return final({ outcome: 'drained', leaseId, token }, [releaseEvent(command, entry)])
  }
  const { lease } = found
  if (lease.holder !== command.holder) return final({ outcome: 'not-held' })
  if (lease.reap === 'required' && (lease.exit !== null || lease.claim !== null)) {
    const why = { code: 'awaiting-reap', own: true, freeAtMs: null } as const
    const request = {
      op: 'release',
      holder: command.holder,
      leaseId: lease.leaseId,
      token: lease.token,
    } as const
    const reason =
      lease.claim === null
        ? 'the lease ended with an exit that a reaper has to act on first'
        : 'a claim is closed by a scavenge that says what became of the effect'
    return refuse(
      state,
      { request, code: 'awaiting-reap', obstacles: [leaseObstacle(lease, why)], freeAtMs: null, reason },
      nowMs,
    )
  }
  const { leaseId, token } = lease
  return final({ outcome: 'released', leaseId, token }, [releaseEvent(command, lease)])
}

function drainedBy(state: LedgerState, command: ReleaseCommand, now: Moment): DrainingEntry | undefined {
  for (const entry of drainingAt(state, now)) {
    if (entry.ledgerWide === true) continue // Stands for holders that the log does not know: nobody can end it.
    if (
      isSameLane(entry.lane, command.lane, state.config) &&
      entry.token === command.token &&
      entry.holder === command.holder
    )
      return entry
  }
  return undefined
}

type Ending = Pick<DrainingEntry, 'lane' | 'leaseId' | 'token'> & { readonly runId?: Lease['runId'] }

function releaseEvent(command: ReleaseCommand, { lane, leaseId, token, runId }: Ending): ProposedEvent {
  return {
    type: 'RELEASE',
    data: { lane, leaseId, token, reason: command.reason },
    ...(runId === undefined || runId === null ? {} : { runId }),
    ...(command.causation === undefined ? {} : { causation: command.causation }),
  }
}
