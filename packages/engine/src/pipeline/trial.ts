import {
  evolve,
  fork,
  recordNext,
  type EpochMs,
  type EventId,
  type LedgerState,
  type ProposedEvent,
} from '@holdfast/core'
import type { OwnEvent } from './queued-command.ts'

/** The state with what a group has decided so far. It is forked and folded on only when somebody decides after that. */
export class Trial {
  readonly #base: LedgerState
  readonly #nowMs: EpochMs
  #fork: LedgerState | null = null
  #pending: (readonly [event: ProposedEvent, eventId: EventId])[] = []

  constructor(base: LedgerState, nowMs: EpochMs) {
    this.#base = base
    this.#nowMs = nowMs
  }

  add(proposed: readonly ProposedEvent[], events: readonly OwnEvent[]): void {
    for (const [index, event] of proposed.entries()) {
      const eventId = events[index]?.eventId
      if (eventId !== undefined) this.#pending.push([event, eventId])
    }
  }

  state(): LedgerState {
    if (this.#pending.length === 0) return this.#fork ?? this.#base
    let state = this.#fork ?? fork(this.#base)
    for (const [event, eventId] of this.#pending) {
      state = evolve(state, recordNext(state, event, { nowMs: this.#nowMs, eventId }))
    }
    this.#pending = []
    this.#fork = state
    return state
  }
}
