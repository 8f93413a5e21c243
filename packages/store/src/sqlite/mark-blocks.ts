import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import type { Revision } from '@holdfast/core'
import type { KeptMarks } from '../history-access.ts'

/** Pieces whose marks lie in one row: who reads a bucket reads few rows, and who adds a piece writes little again. */
const BLOCK_PIECES = 16

const NUMBER_AT = 0
const FROM_AT = 4
const LENGTH_AT = 12
const HEADER_BYTES = 16

const SELECT_BLOCK = 'SELECT body, seal FROM marks WHERE history = ? AND bucket = ? AND block = ?'
const SELECT_BLOCKS = 'SELECT block, body, seal FROM marks WHERE history = ? AND bucket = ? ORDER BY block'
const REPLACE_BLOCK = 'INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?)'

interface Marked {
  readonly number: number
  readonly from: Revision
  readonly marks: readonly Uint8Array[]
}

/** Adds the marks of pieces that follow each other, all buckets; false when what stands there is damaged. */
export function addMarks(database: DatabaseSync, history: string, pieces: readonly Marked[]): boolean {
  const select = database.prepare(SELECT_BLOCK)
  const replace = database.prepare(REPLACE_BLOCK)
  for (const [block, added] of Map.groupBy(pieces, ({ number }) => Math.floor(number / BLOCK_PIECES))) {
    const begins = added[0]?.number === block * BLOCK_PIECES
    for (const bucket of added[0]?.marks.keys() ?? []) {
      const key = [history, bucket, block] as const
      const before = begins ? new Uint8Array() : bodyIn(select.get(...key), key)
      if (before === undefined) return false
      const body = Buffer.concat([before, ...added.flatMap(piece => segment(piece, bucket))])
      replace.run(...key, body, sealOfBlock(key, body))
    }
  }
  return true
}

function segment({ number, from, marks }: Marked, bucket: number): readonly Uint8Array[] {
  const mark = marks[bucket] ?? new Uint8Array()
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(number, NUMBER_AT)
  header.writeDoubleBE(from, FROM_AT)
  header.writeUInt32BE(mark.length, LENGTH_AT)
  return [header, mark]
}

/** The marks of one bucket of so many pieces; undefined when some are missing or damaged. */
export function marksIn(
  database: DatabaseSync,
  history: string,
  { bucket, pieces }: { readonly bucket: number; readonly pieces: number },
): readonly KeptMarks[] | undefined {
  const found: KeptMarks[] = []
  for (const row of database.prepare(SELECT_BLOCKS).all(history, bucket)) {
    const body = bodyIn(row, [history, bucket, Number(row['block'])])
    if (body === undefined) return undefined
    for (let at = 0; at < body.length;) {
      const end = at + HEADER_BYTES + body.readUInt32BE(at + LENGTH_AT)
      if (body.readUInt32BE(at + NUMBER_AT) !== found.length || end > body.length) return undefined
      const marks = body.subarray(at + HEADER_BYTES, end)
      found.push({ from: body.readDoubleBE(at + FROM_AT) as Revision, marks })
      at = end
    }
  }
  return found.length === pieces ? found : undefined
}

type Key = readonly [history: string, bucket: number, block: number]

function bodyIn(row: Readonly<Record<string, unknown>> | undefined, key: Key): Buffer | undefined {
  const { body, seal } = row ?? {}
  if (!(body instanceof Uint8Array)) return undefined
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return sealOfBlock(key, bytes) === seal ? bytes : undefined
}

/** Against damage alone, as all seals here are. A question looks at a bucket of all pieces, so this must be cheap. */
function sealOfBlock(key: Key, body: Buffer): number {
  return crc32(body, crc32(key.join(' ')))
}
