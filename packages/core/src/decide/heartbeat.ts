import type { EventData } from '../events.ts'
import type { DurationMs } from '../ids.ts'
import type { Lease } from '../state/lease.ts'
import { leaseBeaten } from '../evolve/lease-after.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import type { HeartbeatCommand } from './command.ts'
import { decisionTime, final, type Decision } from './decision.ts'
import type { Surroundings } from '../evidence.ts'
import { findLease } from './find-lease.ts'
import type { HeartbeatOutcome } from './outcome.ts'
import { closedToAll } from './writability.ts'

/** The coalescing window is at most this part of the TTL, so that a beat that is not written costs no lease. */
const COALESCE_TTL_PART = 3

/** Decides a beat. A late one under the live token is taken: it keeps an expired lease in the live set. */
export function decideHeartbeat(
  state: LedgerState,
  command: HeartbeatCommand,
  around: Surroundings,
): Decision<HeartbeatOutcome> {
  const closed = closedToAll(state)
  if (closed !== null) return final(closed)
  const found = findLease(state, command.lane, command.token)
  if (!('lease' in found)) return final(found)
  const { lease } = found
  if (lease.holder !== command.holder) return final({ outcome: 'not-held' })
  const nowMs = decisionTime(state, around.nowMs)
  if (coalesces(lease, command, nowMs)) return final({ outcome: 'beaten', coalesced: true, lease })
  const event = {
    type: 'HEARTBEAT',
    data: beatData(state, lease, command),
    ...(lease.runId === null ? {} : { runId: lease.runId }),
    ...(command.causation === undefined ? {} : { causation: command.causation }),
  } as const
  const beaten = leaseBeaten(lease, event.data, nowMs)
  return final({ outcome: 'beaten', coalesced: false, lease: beaten }, [event])
}

function coalesces(lease: Lease, command: HeartbeatCommand, nowMs: number): boolean {
  const windowMs = Math.min(command.coalesceWithinMs, Math.floor(lease.ttlMs / COALESCE_TTL_PART))
  // A plain beat also ends an activity, so it says something while one is on.
  return isPlain(command) && lease.activity === null && nowMs - lease.lastBeatAtMs < windowMs
}

function isPlain(command: HeartbeatCommand): boolean {
  const { activity, exit, progress, children, metadata, causation } = command
  return [activity, exit, progress, children, metadata, causation].every(part => part === undefined)
}

function beatData(state: LedgerState, lease: Lease, command: HeartbeatCommand): EventData<'HEARTBEAT'> {
  const { activity, exit, progress, children, metadata, reason } = command
  const grantedMs = Math.min(activity?.expectedMs ?? 0, state.config.activityCapMs) as DurationMs
  return {
    lane: lease.lane,
    leaseId: lease.leaseId,
    token: lease.token,
    reason,
    ...(progress === undefined ? {} : { progress }),
    ...(activity === undefined ? {} : { activity: { label: activity.label, grantedMs } }),
    ...(exit === undefined ? {} : { exit }),
    ...(children === undefined ? {} : { children }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}
