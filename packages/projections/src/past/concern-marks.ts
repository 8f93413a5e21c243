import { hash } from 'node:crypto'
import type { EventType, LogEntry, Revision } from '@holdfast/core'
import { concernsOf, type Concern } from '@holdfast/core/internal'
import type { KeptMarks } from '@holdfast/store'

/** Who looks for one concern reads this part of all marks. */
export const BUCKETS = 256

/** Entries of one piece: what a mark can count. */
export const PIECE_EVENTS = 2_048

/** A mark: part of the concern's hash (the rest chooses the bucket), the entry's type, and its distance from the piece's begin. */
const NAME_BYTES = 9
const TYPE_AT = NAME_BYTES
const DISTANCE_AT = TYPE_AT + 1
const DISTANCE_BYTES = 6
const MARK_BYTES = DISTANCE_AT + DISTANCE_BYTES

/** Revisions that one piece can span: they jump where a log was restored or moved. */
export const PIECE_SPAN_MAX = 2 ** 48 - 1

/** How a type is written down; 0 is none that this code knows. */
const CODES: Readonly<Record<EventType, number>> = {
  ACQUIRE: 1,
  RELEASE: 2,
  HEARTBEAT: 3,
  ADOPT: 4,
  HALT: 5,
  SPAWN: 6,
  SCAVENGE: 7,
  REFUSE: 8,
  CHECKPOINT: 9,
}

/** Where an entry stands, and what it is. */
export interface Place {
  readonly revision: Revision
  readonly code: number
}

/** Whether one of these types stands at a place. */
export function isOneOf({ code }: Place, types: readonly EventType[]): boolean {
  return types.some(type => CODES[type] === code)
}

interface Marked {
  readonly bucket: number
  readonly name: Buffer
}

/** The bucket in which an entry of that concern is marked. */
export function bucketOf(concern: Concern): number {
  return markedAs(concern).bucket
}

/** Marks of the entries of a piece that begins at `from`, by bucket. */
export function marksOf(entries: readonly LogEntry[], from: Revision): readonly Uint8Array[] {
  const marks: Buffer[][] = Array.from({ length: BUCKETS }, () => [])
  for (const entry of entries) {
    const rest = Buffer.alloc(MARK_BYTES - TYPE_AT)
    rest.writeUInt8(entry.type === 'UNRECOGNISED' ? 0 : CODES[entry.type], 0)
    rest.writeUIntBE(entry.revision - from, DISTANCE_AT - TYPE_AT, DISTANCE_BYTES)
    for (const concern of concernsOf(entry)) {
      const { bucket, name } = markedAs(concern)
      marks[bucket]?.push(name, rest)
    }
  }
  return marks.map(mark => Buffer.concat(mark))
}

/** The places of one concern in the marks of its bucket of all pieces, oldest first. */
export function placesIn(pieces: readonly KeptMarks[], concern: Concern): readonly Place[] {
  const { name } = markedAs(concern)
  const places: Place[] = []
  for (const { from, marks } of pieces) {
    const bytes = Buffer.from(marks.buffer, marks.byteOffset, marks.byteLength)
    for (let at = 0; at + MARK_BYTES <= bytes.length; at += MARK_BYTES) {
      // Nearly all differ in the first byte already.
      if (bytes[at] !== name[0] || name.compare(bytes, at, at + NAME_BYTES) !== 0) continue
      const revision = (from + bytes.readUIntBE(at + DISTANCE_AT, DISTANCE_BYTES)) as Revision
      places.push({ revision, code: bytes.readUInt8(at + TYPE_AT) })
    }
  }
  return places
}

function markedAs(concern: Concern): Marked {
  const digest = hash('sha256', concern, 'buffer')
  return { bucket: digest.readUInt8(0), name: digest.subarray(1, 1 + NAME_BYTES) }
}
