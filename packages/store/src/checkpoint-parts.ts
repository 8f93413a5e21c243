import { hash } from 'node:crypto'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import type { StateCarrier } from '@holdfast/core/internal'
import { StoredCarrier } from './carrier-shapes.ts'
import { StoreError } from './errors.ts'
import type { NewEvent } from './port.ts'

/** A larger state leaves its CHECKPOINT for a side stream. */
export const INLINE_STATE_BYTES_MAX = 256 * 1024

/** Bytes of text that one part holds. */
export const PART_BYTES_MAX = 256 * 1024

/** Type of the events of a side stream; no ledger has it. */
export const PART_TYPE = 'PART'

/** Names of side streams begin with this. */
export const SIDE_STREAM_PREFIX = '~state-'

const QUALITY = 4

type PartsCarrier = Extract<StateCarrier, { carrier: 'parts' }>

/** The events of a side stream, to be there before the CHECKPOINT that names them. */
export interface SideStream {
  readonly stream: string
  readonly events: readonly NewEvent[]
}

/** An append with its large states taken out. */
export interface SplitAppend {
  readonly events: readonly NewEvent[]
  readonly sides: readonly SideStream[]
}

/**
 * Takes the states out of CHECKPOINTs that would be too large for one event: what stays names the side stream, how many
 * parts it has, and the SHA-256 of the state. The same event with the same state has the same names and ids, so writing
 * parts again is a repeat; no two events share a side stream, so whoever knows that an event was not written may remove
 * its parts.
 */
export function splitCheckpoints(stream: string, events: readonly NewEvent[]): SplitAppend {
  const sides: SideStream[] = []
  const split = events.map(event => {
    const text = event.type === 'CHECKPOINT' ? largeStateOf(event.data) : null
    if (text === null) return event
    const { carrier, side } = inParts(`${stream}\n${event.eventId}`, text)
    sides.push(side)
    return { ...event, data: withState(event.data, carrier) }
  })
  return { events: split, sides }
}

/** Whether it is a CHECKPOINT whose state goes to a side stream. */
export function carriesLargeState({ type, data }: NewEvent): boolean {
  return type === 'CHECKPOINT' && largeStateOf(data) !== null
}

/** What a CHECKPOINT's data says of its parts; `null` when its state is inline. */
export function partsNamedBy(data: unknown): PartsCarrier | null {
  const state = fieldOf(data, 'state')
  if (fieldOf(state, 'carrier') !== 'parts') return null
  const parsed = StoredCarrier.safeParse(state)
  return parsed.success && parsed.data.carrier === 'parts' ? parsed.data : null
}

/**
 * The CHECKPOINT's data with its state inline again. Throws `corrupt` unless the parts are exactly what was written: a
 * state that cannot be had is never an empty one.
 */
export function resolveParts(data: unknown, named: PartsCarrier, parts: readonly unknown[]): unknown {
  const texts = parts.map(part => fieldOf(part, 'text'))
  if (texts.length !== named.parts) throw badParts(named, `${texts.length} of ${named.parts} parts are there`)
  const packed = texts.filter(text => typeof text === 'string').join('')
  const text = unpacked(packed, named)
  if (hash('sha256', text) !== named.sha256) throw badParts(named, 'they were changed')
  const value: unknown = JSON.parse(text)
  return withState(data, { carrier: 'inline', value })
}

function largeStateOf(data: unknown): string | null {
  const state = fieldOf(data, 'state')
  if (fieldOf(state, 'carrier') !== 'inline') return null
  const text = JSON.stringify(fieldOf(state, 'value') ?? null)
  return Buffer.byteLength(text) > INLINE_STATE_BYTES_MAX ? text : null
}

function inParts(owner: string, text: string): { carrier: PartsCarrier; side: SideStream } {
  const sha256 = hash('sha256', text)
  const name = `${SIDE_STREAM_PREFIX}${hash('sha256', `${owner}\n${sha256}`).slice(0, 32)}`
  const packed = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY } }).toString('base64')
  const texts: string[] = []
  for (let at = 0; at < packed.length; at += PART_BYTES_MAX) texts.push(packed.slice(at, at + PART_BYTES_MAX))
  const events = texts.map((part, index) => ({
    eventId: `part-${sha256}-${index}`,
    type: PART_TYPE,
    schemaVersion: 1,
    actor: null,
    data: { index, text: part },
  }))
  const carrier = { carrier: 'parts', stream: name, parts: texts.length, sha256, encoding: 'brotli-base64' } as const
  return { carrier: { ...carrier, bytes: Buffer.byteLength(text) }, side: { stream: name, events } }
}

function unpacked(packed: string, named: PartsCarrier): string {
  const bytes = named['bytes']
  try {
    const maxOutputLength = typeof bytes === 'number' && bytes > 0 ? bytes : undefined
    const options = maxOutputLength === undefined ? {} : { maxOutputLength }
    return brotliDecompressSync(Buffer.from(packed, 'base64'), options).toString('utf8')
  } catch (cause) {
    throw badParts(named, 'they cannot be unpacked', cause)
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function withState(data: unknown, state: unknown): unknown {
  return { ...(typeof data === 'object' ? data : {}), state }
}

function badParts({ stream, sha256 }: PartsCarrier, what: string, cause?: unknown): StoreError {
  const message = `The state ${sha256.slice(0, 12)} of a CHECKPOINT lies in ${stream}, but ${what}: the store is damaged. Run \`holdfast verify\`, then restore a backup.`
  return new StoreError('corrupt', message, { cause, detail: 'parts' })
}
