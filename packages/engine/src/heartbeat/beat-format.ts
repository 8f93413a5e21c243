import { ProcessIdentity } from '@holdfast/core'
import { faultText } from '@holdfast/core/internal'
import * as z from 'zod'
import type { Beat } from './beat.ts'
import { parseStamp } from './stamp.ts'

/** Schema of the files that this code writes. */
export const BEAT_SCHEMA = 'holdfast.beat/1'

/** Largest heartbeat file that is written or read, in bytes. */
export const BEAT_BYTES_MAX = 64 * 1024

/**
 * Whose file it is: our own; `state`: {timestamp, pid, hostname, metadata}; `wrapper`: {pid, uuid, started_at,
 * last_refresh, wrapper_version, schema_version}.
 */
export type BeatFormat = 'holdfast' | 'state' | 'wrapper'

/** A beat as a file tells it. `pid` is what stands there, a pid of 0 or below included. */
export interface BeatRecord extends Omit<Beat, 'hostname'> {
  readonly format: BeatFormat
  readonly hostname: string | null
  readonly uuid: string | null
  readonly startedAtMs: number | null
  /** Version of the program that wrote it, as it calls itself. */
  readonly version: string | null
}

/** `torn`: no JSON. `newer-schema`: ours, by a newer program. `invalid`: JSON without what makes it a beat. */
export type BeatFault = 'torn' | 'newer-schema' | 'invalid'

export type ParsedBeat =
  | { readonly ok: true; readonly beat: BeatRecord }
  | { readonly ok: false; readonly reason: BeatFault; readonly detail: string }

/** What a presence file says beyond a beat, in the words of the `wrapper` format, so that its readers read ours too. */
export interface WrapperFields {
  readonly uuid: string
  readonly startedAtMs: number
  readonly version: string
}

/** The text of a heartbeat file. */
export function encodeBeat(beat: Beat, wrapper?: WrapperFields): string {
  const { atMs, pid, hostname, metadata, process } = beat
  const timestamp = new Date(atMs).toISOString()
  const beside = wrapper === undefined ? {} : wrapperFields(wrapper, timestamp)
  return `${JSON.stringify({ schema: BEAT_SCHEMA, timestamp, pid, hostname, metadata, process, ...beside }, null, 2)}\n`
}

function wrapperFields({ uuid, startedAtMs, version }: WrapperFields, timestamp: string): Record<string, unknown> {
  const startedAt = new Date(startedAtMs).toISOString()
  return { uuid, started_at: startedAt, last_refresh: timestamp, wrapper_version: version, schema_version: 1 }
}

const stamp = z.string().transform((text, context) => {
  const atMs = parseStamp(text)
  if (atMs !== null) return atMs
  context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} is no ISO 8601 time` })
  return z.NEVER
})
// Nothing rests on these two: a reader that stumbles over them would lose a beat.
const optionalStamp = z
  .unknown()
  .transform(value => (typeof value === 'string' ? parseStamp(value) : null))
  .optional()
const optionalText = z
  .unknown()
  .transform(value => (typeof value === 'string' ? value : null))
  .optional()
const metadata = z.record(z.string(), z.unknown()).nullish()

const StateFields = z.object({ timestamp: stamp, pid: z.int(), hostname: z.string(), metadata })
const OwnFields = StateFields.extend({
  process: ProcessIdentity.nullable().default(null),
  uuid: optionalText,
  started_at: optionalStamp,
  wrapper_version: optionalText,
})
const WrapperRecord = z.object({
  pid: z.int(),
  uuid: z.string().default(''),
  last_refresh: stamp,
  started_at: optionalStamp,
  wrapper_version: optionalText,
})

/** Reads the text of a heartbeat file in any known format. Total: what is no beat comes back with the reason. */
export function parseBeat(text: string): ParsedBeat {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { ok: false, reason: 'torn', detail: error instanceof Error ? error.message : String(error) }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid('it is no JSON object')
  if ('schema' in value) return value.schema === BEAT_SCHEMA ? parseOwn(value) : foreignSchema(value.schema)
  return 'last_refresh' in value ? parseWrapper(value) : parseState(value)
}

function parseOwn(value: object): ParsedBeat {
  const read = OwnFields.safeParse(value)
  if (!read.success) return fault(read.error)
  const { timestamp, pid, hostname, metadata, process, uuid, started_at, wrapper_version } = read.data
  const beat = { atMs: timestamp, pid, hostname, metadata: metadata ?? {}, process }
  const beside = { uuid: uuid ?? null, startedAtMs: started_at ?? null, version: wrapper_version ?? null }
  return { ok: true, beat: { format: 'holdfast', ...beat, ...beside } }
}

function parseState(value: object): ParsedBeat {
  const read = StateFields.safeParse(value)
  if (!read.success) return fault(read.error)
  const { timestamp, pid, hostname, metadata } = read.data
  const beat = { atMs: timestamp, pid, hostname, metadata: metadata ?? {}, process: null }
  return { ok: true, beat: { format: 'state', ...beat, uuid: null, startedAtMs: null, version: null } }
}

function parseWrapper(value: object): ParsedBeat {
  const read = WrapperRecord.safeParse(value)
  if (!read.success) return fault(read.error)
  const { pid, uuid, last_refresh, started_at, wrapper_version } = read.data
  const beat = { atMs: last_refresh, pid, hostname: null, metadata: {}, process: null }
  const beside = { uuid, startedAtMs: started_at ?? null, version: wrapper_version ?? null }
  return { ok: true, beat: { format: 'wrapper', ...beat, ...beside } }
}

function foreignSchema(schema: unknown): ParsedBeat {
  const name = JSON.stringify(schema)
  if (typeof schema !== 'string' || !schema.startsWith('holdfast.beat/'))
    return invalid(`its schema ${name} is not known`)
  return { ok: false, reason: 'newer-schema', detail: `its schema ${name} is not ${BEAT_SCHEMA}: upgrade this reader` }
}

function fault(error: z.ZodError): ParsedBeat {
  const issue = error.issues[0]
  return invalid(issue === undefined ? 'unreadable' : `${issue.path.join('.')}: ${faultText(issue)}`)
}

function invalid(detail: string): ParsedBeat {
  return { ok: false, reason: 'invalid', detail }
}
