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
  /** It names no number as its revision, so it has no place in the log, and writers stop. */
  readonly unplaced?: true
}

export type LogEntry = RecordedEvent | UnrecognisedEntry

/**
 * Reads one entry, of this schema version or an older one. Total: whatever it is given, what cannot be read comes back as
 * `UNRECOGNISED`, as the store had it, never as an exception. A store's revision is its own position (and an offset), so
 * there is one; an entry from elsewhere that has none is shown at NaN, and stops writers all the same.
 */
export function parseEntry(given: RawEntry): LogEntry {
  const whole = isObject(given) ? given : NO_ENTRY
  const at = placed(whole)
  const odd = oddField(whole)
  if (odd !== null) return unrecognised(at, 'invalid', `${odd} is no value that an entry can have`)
  const raw = upcast(whole)
  if (!(raw.schemaVersion <= SCHEMA_VERSION)) {
    return unrecognised(at, 'newer-schema', `schemaVersion ${raw.schemaVersion} is newer than ${SCHEMA_VERSION}`)
  }
  const { type } = raw
  if (!isEventType(type)) return unrecognised(at, 'unknown-type', `unknown event type ${JSON.stringify(type)}`)
  const envelope = StoredEnvelope.safeParse(raw)
  if (!envelope.success) return unrecognised(at, 'invalid', firstFault(envelope.error))
  const data = StoredData[type].safeParse(raw.data)
  if (!data.success) return unrecognised(at, 'invalid', `data.${firstFault(data.error)}`)
  // The data was parsed by the schema of exactly this type: the pair is one of the union, which TypeScript cannot see.
  return { ...envelope.data, type, data: data.data } as RecordedEvent
}

/** The entry as a store has it, also where this code cannot read it: `parseEntry` reads it again. */
export function rawOf(entry: LogEntry): RawEntry {
  return entry.type === 'UNRECOGNISED' ? entry.raw : entry
}

/** Stands for what a store gives that is no entry at all. */
const NO_ENTRY: RawEntry = {
  eventId: '',
  revision: NaN,
  recordedAt: NaN,
  type: '',
  schemaVersion: NaN,
  actor: null,
  data: null,
}

function isObject(given: unknown): given is object {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
}

/** What JSON calls a number or a text may be anything in a log that nobody here wrote, and is looked at before it is used. */
const FIELDS = [
  ['type', 'string'],
  ['schemaVersion', 'number'],
  ['revision', 'number'],
  ['recordedAt', 'number'],
] as const

function oddField(raw: RawEntry): string | null {
  const odd = FIELDS.find(([field, type]) => typeof raw[field] !== type)
  return odd === undefined ? null : odd[0]
}

/** The entry with numbers where its place and time are asked for; `raw` stays what it was. */
function placed(raw: RawEntry): Placed {
  return {
    raw,
    unplaced: typeof raw.revision !== 'number' || raw === NO_ENTRY,
    revision: typeof raw.revision === 'number' ? raw.revision : Number.NaN,
    recordedAt: typeof raw.recordedAt === 'number' ? raw.recordedAt : Number.NaN,
  }
}

interface Placed extends Pick<RawEntry, 'revision' | 'recordedAt'> {
  readonly raw: RawEntry
  readonly unplaced: boolean
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

function unrecognised(
  { raw, unplaced, revision, recordedAt }: Placed,
  problem: UnrecognisedProblem,
  detail: string,
): UnrecognisedEntry {
  return {
    type: 'UNRECOGNISED',
    revision: revision as Revision,
    recordedAt: recordedAt as EpochMs,
    problem,
    detail,
    raw,
    ...(unplaced ? { unplaced } : {}),
  }
}
