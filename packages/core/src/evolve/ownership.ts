import type { EventData, RecordedEvent } from '../events.ts'
import { later, type EpochMs, type Token } from '../ids.ts'
import type { Lease } from '../state/lease.ts'
import { grantedByBeat, leaseAcquired, leaseAdopted, leaseBeaten } from './lease-after.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { noteAcquire, noteWork } from './run-work.ts'
import { laneKey } from '../state/lane-key.ts'
import { addLease, removeLease, replaceLease } from '../state/live-set.ts'
import { attemptKey, drainingKey, spawnKeys } from '../state/entry-keys.ts'
import { FOREVER_MS, type RequestEnd } from '../state/entries.ts'

export function evolveAcquire(state: LedgerState, event: RecordedEvent<'ACQUIRE'>): LedgerState {
  const { data, recordedAt } = event
  const known = state.leases.get(data.leaseId)
  const lease = leaseAcquired(data, { revision: event.revision, recordedAt, place: known?.place ?? event.revision })
  const { token, requestKey: key } = lease
  if (known !== undefined) endRequest(state, known, 'evicted', recordedAt)
  addLease(state, lease)
  if (key !== null) {
    rememberGrant(state, key, { lane: data.lane, leaseId: data.leaseId, token }, recordedAt)
    state.tickets.delete(key)
  }
  if (data.runId !== undefined) {
    state.attempts.delete(attemptKey(laneKey(data.lane, state.config), data.runId))
    noteAcquire(state, data.runId, recordedAt)
  }
  for (const spawn of spawnKeys({ ...data, lane: laneKey(data.lane, state.config) })) state.spawns.delete(spawn)
  return state
}

export function evolveRelease(state: LedgerState, event: RecordedEvent<'RELEASE'>): LedgerState {
  const { data, recordedAt } = event
  const lease = liveAt(state, event, data.token)
  if (lease === null) {
    if (data.token !== null) state.draining.delete(drainingKey(data.leaseId, data.token))
    return state
  }
  endLease(state, lease, 'released', recordedAt)
  if (event.causation !== undefined) confirmHalt(state, event)
  return state
}

export function evolveHeartbeat(state: LedgerState, event: RecordedEvent<'HEARTBEAT'>): LedgerState {
  const { data, recordedAt } = event
  const lease = liveAt(state, event, data.token)
  if (lease === null) return state
  const beaten = leaseBeaten(lease, data, recordedAt)
  replaceLease(state, beaten)
  if (event.causation !== undefined) enactHalt(state, event, beaten.token)
  return state
}

export function evolveAdopt(state: LedgerState, event: RecordedEvent<'ADOPT'>): LedgerState {
  const { data, recordedAt } = event
  const lease = liveAt(state, event, data.previousToken)
  if (lease === null) return state
  // Who adopts on expiry has made sure of it: the log clock alone keeps nothing closed that is past by it.
  const expired = data.ground === 'expired' && lease.expiresAtMs <= recordedAt
  if (data.ground !== 'process-dead' && !expired) drain(state, lease, recordedAt)
  endRequest(state, lease, 'adopted', recordedAt)
  replaceLease(state, leaseAdopted(lease, event))
  return state
}

export function evolveScavenge(state: LedgerState, event: RecordedEvent<'SCAVENGE'>): LedgerState {
  const { data, recordedAt } = event
  const lease = liveAt(state, event, data.token)
  if (lease === null) return state
  // As with an adoption, expiry is believed only where it has come by the log clock. It and a dead process leave nobody
  // who could still believe; a reaper that closes its own claim knows itself.
  const expired = data.cause === 'expired' && lease.expiresAtMs <= recordedAt
  const nobodyBelieves = expired || data.cause === 'process-dead' || lease.claim !== null
  if (data.forced || !nobodyBelieves) drain(state, lease, recordedAt)
  if (data.disposition === 'retry' && lease.runId !== null) {
    const untilMs = recordedAt + state.config.requestMemoryMs
    state.attempts.set(
      attemptKey(laneKey(lease.lane, state.config), lease.runId),
      { attempt: lease.attempt + 1, untilMs },
      recordedAt,
    )
  }
  endLease(state, lease, 'evicted', recordedAt)
  return state
}

type OwnershipEvent = RecordedEvent<'RELEASE' | 'HEARTBEAT' | 'ADOPT' | 'SCAVENGE'>

/** The lease that the event means, if it is live at exactly that token. Law 5. */
export function liveAt(state: LedgerState, event: OwnershipEvent, token: Token | null): Lease | null {
  const lease = state.leases.get(event.data.leaseId)
  if (lease === undefined) return null
  if (token === null) return event.origin === undefined ? null : lease
  return lease.token === token ? lease : null
}

/** How long a beat keeps its lease beyond its own time, by the holder's reckoning and by everybody's. */
export function spanOfBeat(lease: Lease, data: EventData<'HEARTBEAT'>): number {
  return grantedByBeat(lease, data) + lease.graceMs
}

/** Kept longer than it drains by the log clock: `recordedAt` itself may have stepped. */
function drain(state: LedgerState, lease: Lease, recordedAt: EpochMs): void {
  const { leaseId, token, lane, region, mode, kind, workTree, holder, expiresAtMs } = lease
  const keptUntilMs = later(expiresAtMs, state.config.clockStepBoundMs)
  const where = workTree === null ? {} : { workTree }
  const entry = { leaseId, token, lane, region, mode, kind, ...where, holder, untilMs: expiresAtMs, keptUntilMs }
  state.draining.set(drainingKey(leaseId, token), entry, recordedAt)
}

function endLease(state: LedgerState, lease: Lease, how: RequestEnd, recordedAt: EpochMs): void {
  removeLease(state, lease.leaseId)
  endRequest(state, lease, how, recordedAt)
  if (lease.runId !== null) noteWork(state, lease.runId, { startedAtMs: lease.acquiredAtMs, atMs: recordedAt })
}

interface Grant {
  readonly lane: Lease['lane']
  readonly leaseId: Lease['leaseId']
  readonly token: Token
}

function rememberGrant(state: LedgerState, key: string, grant: Grant, recordedAt: EpochMs): void {
  const known = state.requests.get(key, recordedAt)
  const live = known?.grants.some(({ ended }) => ended === null) === true ? known.grants : []
  state.requests.set(key, { grants: [...live, { ...grant, ended: null }], untilMs: FOREVER_MS }, recordedAt)
}

function endRequest(state: LedgerState, lease: Lease, how: RequestEnd, recordedAt: EpochMs): void {
  if (lease.requestKey === null) return
  const known = state.requests.get(lease.requestKey, recordedAt)
  if (known === undefined) return
  const grants = known.grants.map(grant =>
    grant.leaseId === lease.leaseId && grant.token === lease.token ? { ...grant, ended: how } : grant,
  )
  const anyLive = grants.some(({ ended }) => ended === null)
  const untilMs = anyLive ? FOREVER_MS : recordedAt + state.config.requestMemoryMs
  state.requests.set(lease.requestKey, { grants, untilMs }, recordedAt)
}

function enactHalt(state: LedgerState, event: RecordedEvent<'HEARTBEAT'>, token: Token): void {
  const halt = event.causation && state.halts.get(event.causation, event.recordedAt)
  if (!halt || halt.token !== token || halt.leaseId !== event.data.leaseId || halt.enactedAtMs !== null) return
  state.halts.set(halt.eventId, { ...halt, enactedAtMs: event.recordedAt }, event.recordedAt)
}

function confirmHalt(state: LedgerState, event: RecordedEvent<'RELEASE'>): void {
  const halt = event.causation && state.halts.get(event.causation, event.recordedAt)
  if (!halt || halt.token !== event.data.token || halt.leaseId !== event.data.leaseId) return
  state.halts.set(halt.eventId, { ...halt, confirmedAtMs: event.recordedAt }, event.recordedAt)
}
