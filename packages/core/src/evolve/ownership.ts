import type { EventData, RecordedEvent } from '../events.ts'
import { later, tokenAt, type EpochMs, type Token } from '../ids.ts'
import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { noteAcquire, noteWork } from './run-work.ts'
import { laneKey } from '../state/lane-key.ts'
import { addLease, removeLease, replaceLease } from '../state/live-set.ts'
import { attemptKey, drainingKey, requestKey, spawnKeys } from '../state/memory-keys.ts'
import { FOREVER_MS, type RequestEnd } from '../state/memory.ts'

/** One list for all leases without children: there may be a million of them. Nothing in the state is changed in place. */
const NO_CHILDREN: Lease['children'] = []

export function evolveAcquire(state: LedgerState, event: RecordedEvent<'ACQUIRE'>): LedgerState {
  const { data, recordedAt } = event
  const token = tokenAt(event.revision)
  const known = state.leases.get(data.leaseId)
  const safeUntilMs = later(recordedAt, data.ttlMs)
  const key = data.requestId === undefined ? null : requestKey(data.holder, data.requestId)
  if (known !== undefined) endRequest(state, known, 'evicted', recordedAt)
  addLease(state, {
    leaseId: data.leaseId,
    lane: data.lane,
    token,
    holder: data.holder,
    kind: data.kind,
    mode: data.mode,
    region: data.region,
    workTree: data.workTree ?? null,
    ttlMs: data.ttlMs,
    graceMs: data.graceMs,
    process: data.process,
    children: data.children ?? NO_CHILDREN,
    runId: data.runId ?? null,
    attempt: data.attempt,
    maxAttempts: data.maxAttempts,
    reap: data.reap,
    requestId: data.requestId ?? null,
    requestKey: key,
    place: known?.place ?? event.revision,
    acquiredAtMs: recordedAt,
    ownedSinceMs: recordedAt,
    lastBeatAtMs: recordedAt,
    safeUntilMs,
    expiresAtMs: later(safeUntilMs, data.graceMs),
    activity: null,
    exit: null,
    progress: null,
    metadata: null,
    claim: null,
  })
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
  const safeUntilMs = later(recordedAt, grantedByBeat(lease, data))
  const beaten = {
    ...lease,
    lastBeatAtMs: recordedAt > lease.lastBeatAtMs ? recordedAt : lease.lastBeatAtMs,
    safeUntilMs: latest(lease.safeUntilMs, safeUntilMs),
    expiresAtMs: latest(lease.expiresAtMs, later(safeUntilMs, lease.graceMs)),
    activity: data.activity ?? null,
    // The finalisation grace counts from the first record of an exit.
    exit: data.exit === undefined ? lease.exit : { status: data.exit, atMs: lease.exit?.atMs ?? recordedAt },
    children: data.children ?? lease.children,
    progress: data.progress ?? lease.progress,
    metadata: data.metadata ?? lease.metadata,
  }
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
  const safeUntilMs = later(recordedAt, lease.ttlMs)
  replaceLease(state, {
    ...lease,
    token: tokenAt(event.revision),
    holder: data.newHolder,
    process: data.process,
    requestId: null,
    requestKey: null,
    ownedSinceMs: recordedAt,
    lastBeatAtMs: recordedAt,
    safeUntilMs,
    expiresAtMs: later(safeUntilMs, lease.graceMs),
    activity: null,
    exit: null,
    progress: null,
    metadata: null,
    claim: data.claim ?? null,
  })
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

function grantedByBeat(lease: Lease, { activity }: EventData<'HEARTBEAT'>): number {
  return Math.max(lease.ttlMs, activity?.grantedMs ?? 0)
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

function latest(a: EpochMs, b: EpochMs): EpochMs {
  return a > b ? a : b
}
