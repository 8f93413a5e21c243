import type { RecordedEvent } from '../events.ts'
import type { EpochMs } from '../ids.ts'
import { stopsWriters, type LogEntry, type UnrecognisedEntry } from '../log-entry.ts'
import { initialState, UNREADABLE_NAMED_MAX, type LedgerState } from '../state/ledger-state.ts'
import { evolveCheckpoint } from './checkpoint.ts'
import { evolveHalt, evolveRefuse, evolveSpawn } from './intents.ts'
import { evolveAcquire, evolveAdopt, evolveHeartbeat, evolveRelease, evolveScavenge } from './ownership.ts'

/**
 * Folds one entry into `state`, in place, and returns it. Total: it never throws, whatever the entry says. An entry at
 * or below the head was folded already and changes nothing. Costs O(1) in the number of live leases, a CHECKPOINT
 * apart (linear in its state). Law 1.
 */
export function evolve(state: LedgerState, entry: LogEntry): LedgerState {
  if (entry.revision <= state.head) return state
  if (entry.type === 'CHECKPOINT') return evolveCheckpoint(state, entry)
  state.head = entry.revision
  if (state.ledgerId === null) state.foreign = true
  if (entry.type === 'UNRECOGNISED') return evolveUnrecognised(state, entry)
  if (entry.recordedAt > state.clockMs) state.clockMs = entry.recordedAt
  state.counts[entry.type] += 1
  return evolveOperation(state, entry)
}

/** The fold of `entries` onto `onto` (which it consumes), or onto the empty ledger. */
export function fold(entries: Iterable<LogEntry>, onto: LedgerState = initialState()): LedgerState {
  let state = onto
  for (const entry of entries) state = evolve(state, entry)
  return state
}

type Operation = Exclude<RecordedEvent, { readonly type: 'CHECKPOINT' }>

function evolveOperation(state: LedgerState, event: Operation): LedgerState {
  switch (event.type) {
    case 'ACQUIRE':
      return evolveAcquire(state, event)
    case 'RELEASE':
      return evolveRelease(state, event)
    case 'HEARTBEAT':
      return evolveHeartbeat(state, event)
    case 'ADOPT':
      return evolveAdopt(state, event)
    case 'SCAVENGE':
      return evolveScavenge(state, event)
    case 'HALT':
      return evolveHalt(state, event)
    case 'SPAWN':
      return evolveSpawn(state, event)
    case 'REFUSE':
      return evolveRefuse(state, event)
  }
}

function evolveUnrecognised(state: LedgerState, entry: UnrecognisedEntry): LedgerState {
  state.unrecognisedCount += 1
  if (entry.raw.type !== 'CHECKPOINT' && Number.isSafeInteger(entry.recordedAt) && entry.recordedAt > state.clockMs) {
    state.clockMs = entry.recordedAt as EpochMs
  }
  if (stopsWriters(entry)) noteUnreadable(state, entry.revision)
  return state
}

function noteUnreadable(state: LedgerState, revision: LogEntry['revision']): void {
  if (state.unreadable.length < UNREADABLE_NAMED_MAX) state.unreadable = [...state.unreadable, revision]
  else state.unreadableMore += 1
}
