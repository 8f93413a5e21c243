import type { EventData, RecordedEvent } from '../events.ts'
import type { EpochMs } from '../ids.ts'
import type { Waiting } from '../lease-events.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { requestKey, spawnKey } from '../state/entry-keys.ts'
import { HALT_MEMORY_MS, type SpawnEntry } from '../state/entries.ts'
import { blockersKey, refusalKey } from '../state/refusal-keys.ts'
import { laneKey } from '../state/lane-key.ts'
import { sameClaim } from '../state/same-claim.ts'

// Intents and refusals never touch the live set: law 6.

export function evolveHalt(state: LedgerState, event: RecordedEvent<'HALT'>): LedgerState {
  const { data, recordedAt } = event
  const entry = {
    eventId: event.eventId,
    revision: event.revision,
    handle: data.handle,
    lane: data.lane ?? null,
    leaseId: data.leaseId ?? null,
    token: data.token ?? null,
    runId: data.runId ?? null,
    reason: data.reason,
    command: data.command ?? null,
    haltedAtMs: recordedAt,
    enactedAtMs: null,
    confirmedAtMs: null,
    untilMs: recordedAt + HALT_MEMORY_MS,
  }
  state.halts.set(event.eventId, entry, recordedAt)
  return state
}

export function evolveSpawn(state: LedgerState, event: RecordedEvent<'SPAWN'>): LedgerState {
  const { data, recordedAt } = event
  const key = spawnKey({ ...data, lane: laneKey(data.lane, state.config) })
  const entry = {
    revision: event.revision,
    lane: data.lane,
    holder: data.holder,
    process: data.process,
    runId: data.runId ?? null,
    reason: data.reason,
    ...(data.waiting === undefined
      ? {}
      : { waiting: waitingSince(data.waiting, state.spawns.get(key, recordedAt), recordedAt) }),
    spawnedAtMs: recordedAt,
    untilMs: recordedAt + data.ttlMs,
  }
  state.spawns.set(key, entry, recordedAt)
  return state
}

/** Who says again that it waits has waited since it said so first, whatever it waits for now. */
function waitingSince(
  waiting: Waiting,
  before: SpawnEntry | undefined,
  recordedAt: EpochMs,
): NonNullable<SpawnEntry['waiting']> {
  const { for: answer, detail } = waiting
  const sinceMs = before?.waiting?.sinceMs ?? recordedAt
  return { for: answer, ...(detail === undefined ? {} : { detail }), sinceMs }
}

export function evolveRefuse(state: LedgerState, event: RecordedEvent<'REFUSE'>): LedgerState {
  const { data, recordedAt, revision } = event
  if (data.ticket !== undefined) evolveTicket(state, event, data.ticket)
  if (data.code === 'withdrawn') return state
  const remembered = {
    revision,
    code: data.code,
    blockers: blockersKey({ ...data, predicate: data.evidence?.predicate }),
    untilMs: recordedAt + state.config.refusalWindowMs,
  }
  state.refusals.set(refusalKey(data.request), remembered, recordedAt)
  return state
}

type AskedTicket = NonNullable<EventData<'REFUSE'>['ticket']>

/** A ticket of nobody or for nothing (an import, a newer program) takes no place. */
function evolveTicket(state: LedgerState, event: RecordedEvent<'REFUSE'>, ticket: AskedTicket): void {
  const { request, code } = event.data
  const first = request.claims?.[0]
  if (request.holder === undefined || first === undefined) return
  const claim = { ...first, workTree: request.workTree }
  const key = requestKey(request.holder, ticket.requestId)
  if (code === 'withdrawn') {
    state.tickets.delete(key)
    return
  }
  const known = state.tickets.get(key, event.recordedAt)
  const place = known !== undefined && sameClaim(known, claim, state.config) ? known.place : event.revision
  const entry = {
    key,
    requestId: ticket.requestId,
    holder: request.holder,
    lane: claim.lane,
    region: claim.region,
    mode: claim.mode,
    kind: claim.kind,
    ...(claim.workTree ? { workTree: claim.workTree } : {}),
    place,
    refreshedBy: event.revision,
    refreshedAtMs: event.recordedAt,
    ttlMs: ticket.ttlMs,
    untilMs: event.recordedAt + ticket.ttlMs,
  }
  state.tickets.set(key, entry, event.recordedAt)
}
