import * as z from 'zod'
import { CheckpointData } from './checkpoint-event.ts'
import { EpochMs, EventId, Revision, RunId } from './ids.ts'
import {
  AcquireData,
  AdoptData,
  HaltData,
  HeartbeatData,
  ReleaseData,
  ScavengeData,
  SpawnData,
} from './lease-events.ts'
import { ProcessIdentity } from './process-identity.ts'
import { RefuseData } from './refuse-event.ts'

/** Schema version that this code writes. */
export const SCHEMA_VERSION = 1

/** Writer version of this code: a ledger whose `minWriter` is above it is read, never written. */
export const WRITER_VERSION = 1

/** The data schema of each of the nine event types. */
export const EVENT_DATA = {
  ACQUIRE: AcquireData,
  RELEASE: ReleaseData,
  HEARTBEAT: HeartbeatData,
  ADOPT: AdoptData,
  HALT: HaltData,
  SPAWN: SpawnData,
  SCAVENGE: ScavengeData,
  REFUSE: RefuseData,
  CHECKPOINT: CheckpointData,
} as const

export type EventType = keyof typeof EVENT_DATA
/** The nine types. There is no tenth: what else there is to say is a field. */
export const EventType = z.enum([
  'ACQUIRE',
  'RELEASE',
  'HEARTBEAT',
  'ADOPT',
  'HALT',
  'SPAWN',
  'SCAVENGE',
  'REFUSE',
  'CHECKPOINT',
])
export type EventData<T extends EventType = EventType> = z.infer<(typeof EVENT_DATA)[T]>

/** What a decision asks to have appended: the store adds revision and time. */
export type ProposedEvent = {
  [T in EventType]: {
    readonly type: T
    readonly data: EventData<T>
    readonly runId?: RunId
    readonly causation?: EventId
  }
}[EventType]

/** Imported events name where they come from. */
export const Origin = z.looseObject({ format: z.string().min(1).max(64) })
export type Origin = z.infer<typeof Origin>

/** The envelope around an event's data. */
export const Envelope = z.looseObject({
  eventId: EventId,
  revision: Revision,
  recordedAt: EpochMs,
  schemaVersion: z.int().min(1),
  actor: ProcessIdentity.nullable(),
  runId: RunId.optional(),
  causation: EventId.optional(),
  origin: Origin.optional(),
})
export type Envelope = z.infer<typeof Envelope>

/** An event as the log gives it back. */
export type RecordedEvent<T extends EventType = EventType> = {
  [K in T]: {
    readonly type: K
    readonly data: EventData<K>
    readonly eventId: EventId
    readonly revision: Revision
    readonly recordedAt: EpochMs
    readonly schemaVersion: number
    readonly actor: ProcessIdentity | null
    readonly runId?: RunId | undefined
    readonly causation?: EventId | undefined
    readonly origin?: Origin | undefined
  }
}[T]
