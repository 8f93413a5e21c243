import type * as z from 'zod'
import { SCHEMA_VERSION, type EventType, type RecordedEvent } from './events.ts'
import { faultText } from './fault-text.ts'
import type { EpochMs, Revision } from './ids.ts'
import type { RawEntry } from './raw-entry.ts'
import { StoredData, StoredEnvelope } from './stored-shapes.ts'
import { upcast } from './upcast.ts'

/**
 * Why an entry is not understood. `newer-schema` and `invalid` stop writers (they could grant over what they do not
 * understand); `unknown-type` at a known schema version is only counted and shown.
 */
export type UnrecognisedProblem = 'newer-schema' | 'invalid' | 'unknown-type'

/** An entry of the log that this code cannot read. Views fold it to nothing and count it. */
export interface UnrecognisedEntry {
  readonly type: 'UNRECOGNISED'
  readonly revision: Revision
  readonly recordedAt: EpochMs
  readonly problem: UnrecognisedProblem
  /** One sentence with the field at fault. */
  readonly detail: string
  /** The entry as the store had it. */
  readonly raw: RawEntry
}

export type LogEntry = RecordedEvent | UnrecognisedEntry

/**
 * Reads one entry, of this schema version or an older one. Total: what cannot be read comes back as `UNRECOGNISED`, as
 * the store had it, never as an exception.
 */
export function parseEntry(given: RawEntry): LogEntry {
  const raw = upcast(given)
  if (!(raw.schemaVersion <= SCHEMA_VERSION)) {
    return unrecognised(
      given,
      'newer-schema',
      `schemaVersion ${String(raw.schemaVersion)} is newer than ${SCHEMA_VERSION}`,
    )
  }
  const { type } = raw
  if (!isEventType(type)) return unrecognised(given, 'unknown-type', `unknown event type ${JSON.stringify(type)}`)
  const envelope = StoredEnvelope.safeParse(raw)
  if (!envelope.success) return unrecognised(given, 'invalid', firstFault(envelope.error))
  const data = StoredData[type].safeParse(raw.data)
  if (!data.success) return unrecognised(given, 'invalid', `data.${firstFault(data.error)}`)
  // The data was parsed by the schema of exactly this type: the pair is one of the union, which TypeScript cannot see.
  return { ...envelope.data, type, data: data.data } as RecordedEvent
}

/** Whether writers must stop at this entry until an operator has decided (`repair --skip`). */
export function stopsWriters(entry: UnrecognisedEntry): boolean {
  return entry.problem !== 'unknown-type'
}

function isEventType(type: string): type is EventType {
  return Object.hasOwn(StoredData, type)
}

function firstFault(error: z.core.$ZodError): string {
  return error.issues
    .slice(0, 1)
    .map(issue => `${issue.path.join('.')}: ${faultText(issue)}`)
    .join('')
}

function unrecognised(raw: RawEntry, problem: UnrecognisedProblem, detail: string): UnrecognisedEntry {
  return {
    type: 'UNRECOGNISED',
    revision: raw.revision as Revision,
    recordedAt: raw.recordedAt as EpochMs,
    problem,
    detail,
    raw,
  }
}
