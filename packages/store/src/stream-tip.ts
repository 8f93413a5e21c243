import type { EpochMs, Revision } from '@holdfast/core'
import type { EncodedEvent } from './encode-event.ts'
import { StoreError } from './errors.ts'
import type { Head } from './port.ts'
import type { StoredEvent } from './stored-event.ts'

/** Where a stream ends and what its next event continues from: all that an append needs to know of the past. */
export interface StreamTip {
  /** First position that the log still holds; higher than 0 after a compaction. */
  readonly firstPosition: number
  /** Position of the last event; -1 before the first. */
  readonly position: number
  /** Revision of the last event; -1 before the first. */
  readonly revision: number
  /** `recordedAt` of the last event: the next is never below it. */
  readonly recordedAtMs: number
  /** The store's clock when an event last moved `recordedAtMs`. */
  readonly clockAtMs: number
  /** Revision minus position, since the latest CHECKPOINT. */
  readonly offset: number
  /** Added to the store's clock, since the latest CHECKPOINT. */
  readonly clockOffsetMs: number
  /** Position of the latest CHECKPOINT; -1 when there is none. */
  readonly checkpointPosition: number
}

export const EMPTY_TIP: StreamTip = {
  firstPosition: 0,
  position: -1,
  revision: -1,
  recordedAtMs: Number.MIN_SAFE_INTEGER,
  clockAtMs: Number.MIN_SAFE_INTEGER,
  offset: 0,
  clockOffsetMs: 0,
  checkpointPosition: -1,
}

export interface Placed {
  readonly events: readonly StoredEvent[]
  readonly tip: StreamTip
}

/** Gives events their positions, revisions and times. A CHECKPOINT's offsets apply from itself on. */
export function placeEvents(tip: StreamTip, events: readonly EncodedEvent[], clockMs: number): Placed {
  let next = tip
  const placed = events.map(event => {
    const stored = placeEvent(next, event, clockMs)
    next = tipAfter(next, event, stored, clockMs)
    return stored
  })
  return { events: placed, tip: next }
}

function placeEvent(tip: StreamTip, event: EncodedEvent, clockMs: number): StoredEvent {
  const { offset, clockOffsetMs } = offsetsFor(tip, event)
  const position = tip.position + 1
  if (!Number.isSafeInteger(position + offset)) throw new StoreError('invalid', `The offset ${offset} is too large.`)
  return {
    position,
    revision: position + offset,
    eventId: event.eventId,
    type: event.type,
    schemaVersion: event.schemaVersion,
    recordedAtMs: Math.max(tip.recordedAtMs, event.recordedAtMs ?? clockMs + clockOffsetMs),
    body: event.body,
  }
}

function tipAfter(tip: StreamTip, event: EncodedEvent, stored: StoredEvent, clockMs: number): StreamTip {
  return {
    ...offsetsFor(tip, event),
    firstPosition: tip.firstPosition,
    position: stored.position,
    revision: stored.revision,
    recordedAtMs: stored.recordedAtMs,
    clockAtMs: stored.recordedAtMs > tip.recordedAtMs ? clockMs : tip.clockAtMs,
    checkpointPosition: event.checkpoint === undefined ? tip.checkpointPosition : stored.position,
  }
}

function offsetsFor(tip: StreamTip, event: EncodedEvent): { offset: number; clockOffsetMs: number } {
  const offset = event.checkpoint?.offset ?? tip.offset
  const clockOffsetMs = event.checkpoint?.clockOffsetMs ?? tip.clockOffsetMs
  if (offset < tip.offset) {
    const message = `A CHECKPOINT with offset ${offset} after one with ${tip.offset} would give revisions twice.`
    throw new StoreError('invalid', message)
  }
  return { offset, clockOffsetMs }
}

/** The head that a tip means to callers. */
export function headOf(tip: StreamTip): Head {
  return tip.position < 0 ? 'none' : (tip.revision as Revision)
}

/**
 * The stream's log clock: at least the newest `recordedAt`, and at most that plus the time that passed since an event
 * moved it, so that it waits after a step forward (an import, a changed offset) rather than running ahead.
 */
export function nowOf(tip: StreamTip, clockMs: number): EpochMs {
  if (tip.position < 0) return clockMs as EpochMs
  const elapsedMs = Math.max(0, clockMs - tip.clockAtMs)
  const clock = Math.max(tip.recordedAtMs, clockMs + tip.clockOffsetMs)
  return Math.min(clock, tip.recordedAtMs + elapsedMs) as EpochMs
}

/** Whether a head that a caller presents lies beyond what the store holds: then the store has lost history. */
export function isBeyond(tip: StreamTip, presented: Head): boolean {
  return presented !== 'none' && presented > tip.revision
}
