import { evolve } from '../evolve/evolve.ts'
import { SCHEMA_VERSION, type ProposedEvent, type RecordedEvent } from '../events.ts'
import { revisionAfter, type EpochMs, type EventId } from '../ids.ts'
import type { LedgerState } from '../state/ledger-state.ts'

/**
 * What a decision asks to have appended, atomically, and what it answers. `again`: append the events, then decide the
 * same command anew (its evictions did not fit one append).
 */
export type Decision<O> =
  | { readonly kind: 'final'; readonly events: readonly ProposedEvent[]; readonly outcome: O }
  | { readonly kind: 'again'; readonly events: readonly ProposedEvent[] }

export function final<O>(outcome: O, events: readonly ProposedEvent[] = []): Decision<O> {
  return { kind: 'final', events, outcome }
}

/** The decider's time: the log's clock never goes back behind an event that is already in it. */
export function decisionTime(state: LedgerState, nowMs: EpochMs): EpochMs {
  return nowMs > state.clockMs ? nowMs : state.clockMs
}

/** An id for events that are only tried out. */
const TRIAL_ID = '00000000-0000-5000-8000-000000000000' as EventId

/** The event as it would be recorded next. A CHECKPOINT that raises the offset jumps ahead by what it raises. */
export function recordNext(
  state: LedgerState,
  event: ProposedEvent,
  at: { readonly nowMs: EpochMs; readonly eventId?: EventId },
): RecordedEvent {
  return {
    ...event,
    eventId: at.eventId ?? TRIAL_ID,
    revision: revisionAfter(state.head, 1 + offsetRaise(state, event)),
    recordedAt: decisionTime(state, at.nowMs),
    schemaVersion: SCHEMA_VERSION,
    actor: null,
  }
}

function offsetRaise(state: LedgerState, event: ProposedEvent): number {
  return event.type === 'CHECKPOINT' ? Math.max(0, event.data.offset - state.offset) : 0
}

/** Folds an event that is only tried out; `state` should be a fork. */
export function tryOut(state: LedgerState, event: ProposedEvent, nowMs: EpochMs): LedgerState {
  return evolve(state, recordNext(state, event, { nowMs }))
}
