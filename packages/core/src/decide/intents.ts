import type { EventData } from '../events.ts'
import { type LedgerState, liveLeases } from '../state/ledger-state.ts'
import type { Lease } from '../state/lease.ts'
import { requestKey } from '../state/entry-keys.ts'
import type { HaltCommand, SpawnCommand, WithdrawCommand } from './command.ts'
import { decisionTime, final, type Decision } from './decision.ts'
import type { Surroundings } from '../evidence.ts'
import { liveOnLane } from './find-lease.ts'
import type { IntentOutcome, WithdrawOutcome } from './outcome.ts'
import { closedToAll } from './writability.ts'

/**
 * Records a stop intent, bound now to at most one lease and token, so that it never hits the next holder. Whoever holds
 * that lease enacts it; the ledger stops nothing.
 */
export function decideHalt(state: LedgerState, command: HaltCommand): Decision<IntentOutcome> {
  const closed = closedToAll(state)
  if (closed !== null) return final(closed)
  const lease = target(state, command)
  const { handle, lane, leaseId, runId, reason, command: proposed } = command
  const named = lease ?? { lane, leaseId, runId, token: undefined }
  const data = {
    handle,
    reason,
    ...(named.lane === undefined ? {} : { lane: named.lane }),
    ...(named.leaseId === undefined ? {} : { leaseId: named.leaseId }),
    ...(named.token === undefined ? {} : { token: named.token }),
    ...(named.runId === undefined || named.runId === null ? {} : { runId: named.runId }),
    ...(proposed === undefined ? {} : { command: proposed }),
  }
  const bound = lease === undefined ? null : { leaseId: lease.leaseId, token: lease.token }
  return final({ outcome: 'recorded', bound }, [
    { type: 'HALT', data, ...(data.runId === undefined ? {} : { runId: data.runId }) },
  ])
}

/** The newest lease that fits everything that the command names; a command that names nothing hits nothing. */
function target(state: LedgerState, { lane, leaseId, runId }: HaltCommand): Lease | undefined {
  if (lane === undefined && leaseId === undefined && runId === undefined) return undefined
  const candidates = lane === undefined ? liveLeases(state) : liveOnLane(state, lane)
  const fitting = candidates.filter(
    lease => (leaseId === undefined || lease.leaseId === leaseId) && (runId === undefined || lease.runId === runId),
  )
  return fitting.sort((a, b) => b.token - a.token)[0]
}

/** Records a start intent: no grant, shown until its ACQUIRE or its end. */
export function decideSpawn(state: LedgerState, command: SpawnCommand): Decision<IntentOutcome> {
  const closed = closedToAll(state)
  if (closed !== null) return final(closed)
  const { lane, holder, process, runId, waiting, reason } = command
  const ttlMs = Math.min(command.ttlMs ?? state.config.ttlDefaultMs, state.config.ttlCeilingMs)
  const run = runId === undefined ? {} : { runId }
  return final({ outcome: 'recorded', bound: null }, [
    {
      type: 'SPAWN',
      data: { lane, holder, process, ttlMs, reason, ...run, ...(waiting === undefined ? {} : { waiting }) },
      ...run,
    },
  ])
}

/** Gives up a place in the line. */
export function decideWithdraw(
  state: LedgerState,
  command: WithdrawCommand,
  around: Surroundings,
): Decision<WithdrawOutcome> {
  const closed = closedToAll(state)
  if (closed !== null) return final(closed)
  const { holder, requestId, reason } = command
  const ticket = state.tickets.get(requestKey(holder, requestId), decisionTime(state, around.nowMs))
  if (ticket === undefined) return final({ outcome: 'withdrawn', found: false })
  const { lane, mode, region, kind, ttlMs } = ticket
  const claims = [{ lane, mode, region, kind }]
  const data: EventData<'REFUSE'> = {
    request: { op: 'acquire', holder, policy: 'one', claims, requestId },
    code: 'withdrawn',
    blockers: [],
    moreBlockers: 0,
    ticket: { requestId, ttlMs },
    reason,
  }
  return final({ outcome: 'withdrawn', found: true }, [{ type: 'REFUSE', data }])
}
