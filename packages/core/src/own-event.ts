import { SCHEMA_VERSION, type ProposedEvent, type RecordedEvent } from './events.ts'
import type { EpochMs, EventId, Revision } from './ids.ts'
import { OwnActor } from './own-shapes.ts'
import type { ProcessIdentity } from './process-identity.ts'

/** Where an event of our own was recorded, and by whom. */
export interface OwnPlace {
  readonly eventId: EventId
  readonly revision: Revision
  readonly recordedAt: EpochMs
  readonly actor: ProcessIdentity | null
}

/**
 * Whether an event that was decided here reads back from its JSON as exactly what it is, so that its writer may fold it
 * without reading it: what its data holds is scalars, and lists and objects of scalars. JSON changes none of these; and a
 * deeper value could still be in the hands of the caller that it came from, who may change it. Everything else, and each
 * CHECKPOINT, is read back. That such data fits its schema is a property of `decide` (`test/core/own-events.test.ts`).
 */
export function readsAsWritten({ type, data }: ProposedEvent): boolean {
  if (type === 'CHECKPOINT') return false
  const fields: object = data
  for (const key in fields) {
    const value: unknown = Reflect.get(fields, key)
    if (!isScalar(value) && !isFlat(value)) return false
  }
  return true
}

/** The process that writes events, as readers get it; `undefined` where they would get something else, or nothing. */
export function actorAsRead(actor: ProcessIdentity | null): ProcessIdentity | null | undefined {
  const parsed = OwnActor.safeParse(actor)
  if (!parsed.success) return undefined
  return parsed.data === null || hasScalars(parsed.data) ? parsed.data : undefined
}

/** The event as a reader gets it, where `readsAsWritten`. */
export function asRecorded(
  { type, data, runId, causation }: ProposedEvent,
  { eventId, revision, recordedAt, actor }: OwnPlace,
): RecordedEvent {
  const envelope = { eventId, revision, recordedAt, schemaVersion: SCHEMA_VERSION, actor }
  const event = { ...envelope, type, data, ...(runId === undefined ? {} : { runId }) }
  // Type and data are a pair of the union, as they were before.
  return (causation === undefined ? event : { ...event, causation }) as RecordedEvent
}

function isScalar(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  return typeof value === 'string' || typeof value === 'boolean' || value === null
}

/** A list or plain object of scalars; for a list of objects one level more. */
function isFlat(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(item => isScalar(item) || (isPlainObject(item) && hasScalars(item)))
  return isPlainObject(value) && hasScalars(value)
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function hasScalars(value: object): boolean {
  for (const key in value) if (key === '__proto__' || !isScalar(Reflect.get(value, key))) return false
  return true
}
