import { Envelope, EVENT_DATA, type EventData, type EventType } from './events.ts'
import type { Shape } from './shape.ts'
import { StateSnapshot } from './state/state-snapshot.ts'

/** The envelope of an event, as a store gives it back. */
export const StoredEnvelope: Shape<Envelope> = Envelope

/** The data of an event, by its type. */
export const StoredData: { readonly [T in EventType]: Shape<EventData<T>> } = EVENT_DATA

/** The state that a CHECKPOINT carries. */
export const StoredState: Shape<StateSnapshot> = StateSnapshot
