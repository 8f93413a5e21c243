import { hash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import type { Revision } from '@holdfast/core'
import type { HistoryPiece, KeptMarks, KeptState } from '../history-access.ts'
import { sealOf } from './hash-chain.ts'
import { addMarks, marksIn } from './mark-blocks.ts'
import { PastFile } from './past-file.ts'
import { integerIn, textIn, type Row } from './row.ts'
import type { HashAt } from './snapshot-file.ts'

/** A larger state is not kept; folding further is then the smaller harm. */
const STATE_BYTES_MAX = 64 * 1024 * 1024

const SELECT_FIRST = 'SELECT * FROM pieces WHERE history = ? ORDER BY number LIMIT 1'
const SELECT_LAST = 'SELECT * FROM pieces WHERE history = ? ORDER BY number DESC LIMIT 1'
const SELECT_STATES = `
  SELECT pieces.*, states.body FROM pieces CROSS JOIN states USING (history, number)
  WHERE pieces.history = ? AND to_revision <= ? AND to_revision > ? ORDER BY pieces.number DESC LIMIT 1`
const INSERT_PIECE = 'INSERT INTO pieces VALUES (?, ?, ?, ?, ?, ?, ?)'
const INSERT_STATE = 'INSERT INTO states VALUES (?, ?, ?)'
const DISCARD = ['pieces', 'marks', 'states'].map(name => `DELETE FROM ${name} WHERE history = ?`)

interface Piece {
  readonly number: number
  readonly from: Revision
  readonly to: Revision
  /** Hash of its last event in the log's chain. */
  readonly afterHash: string
  /** Empty: no state is kept here. */
  readonly stateHash: string
}

/** A piece that is to be kept; its state is packed. */
interface Made extends Omit<Piece, 'number'> {
  readonly marks: readonly Uint8Array[]
  readonly body: Uint8Array | null
}

interface Loaded {
  /** `null`: there are no pieces. */
  readonly span: { readonly from: Revision; readonly to: Revision } | null
  readonly marks: readonly (readonly KeptMarks[])[]
}

const EMPTY: Loaded = { span: null, marks: [] }

/** Pieces of histories in a `PastFile`. What is not exactly what was kept, of exactly this history, counts as absent. */
export class PieceFile {
  readonly #file: PastFile
  readonly #hashAt: HashAt

  constructor(databasePath: string, hashAt: HashAt) {
    this.#file = new PastFile(databasePath)
    this.#hashAt = hashAt
  }

  /** `null` where something is missing or damaged, or belongs to another history. */
  async load(stream: string, codeVersion: string, buckets: readonly number[]): Promise<Loaded | null> {
    const history = historyOf(stream, codeVersion)
    const found = await this.#file.read(database => {
      const firstRow = database.prepare(SELECT_FIRST).get(history)
      const lastRow = database.prepare(SELECT_LAST).get(history)
      if (firstRow === undefined || lastRow === undefined) return EMPTY
      const first = parsePiece(history, firstRow)
      const last = parsePiece(history, lastRow)
      if (first?.number !== 0 || last === undefined) return null
      const all = buckets.map(bucket => marksIn(database, history, { bucket, pieces: last.number + 1 }))
      const marks = all.filter(one => one !== undefined)
      return marks.length === all.length ? { first, last, marks } : null
    })
    if (found === null) return null
    if (found === undefined || !('last' in found)) return EMPTY
    const { first, last, marks } = found
    const isOurs = last.afterHash === (await this.#hashAt(stream, last.to))
    return isOurs ? { span: { from: first.from, to: last.to }, marks } : null
  }

  /** The newest state of those in a span of revisions that can be believed. */
  async state(
    stream: string,
    codeVersion: string,
    { upTo, after }: { readonly upTo: number; readonly after: number },
  ): Promise<KeptState | null> {
    const history = historyOf(stream, codeVersion)
    for (let below = upTo; below > after;) {
      const bound = below
      const row = await this.#file.read(database => database.prepare(SELECT_STATES).get(history, bound, after))
      if (row === undefined) return null
      const piece = parsePiece(history, row)
      const state = piece && (await this.#unpacked(stream, piece, row['body']))
      if (piece !== undefined && state !== undefined) return { to: piece.to, state }
      below = integerIn(row, 'to_revision') - 1
    }
    return null
  }

  async keep(stream: string, codeVersion: string, given: readonly HistoryPiece[]): Promise<boolean> {
    const history = historyOf(stream, codeVersion)
    const made: Made[] = []
    for (const { from, to, marks, state } of given) {
      const afterHash = await this.#hashAt(stream, to)
      if (afterHash === undefined) return false
      const body = await packed(state)
      made.push({ from, to, marks, afterHash, stateHash: body === null ? '' : hash('sha256', body), body })
    }
    const kept = await this.#file.write(database => {
      const lastRow = database.prepare(SELECT_LAST).get(history)
      const last = lastRow && parsePiece(history, lastRow)
      if ((last?.to ?? null) !== given[0]?.after) return false
      if (last === undefined) discard(database, history)
      const next = (last?.number ?? -1) + 1
      const pieces = made.map((piece, index) => ({ ...piece, number: next + index }))
      const added = addMarks(database, history, pieces)
      if (!added) discard(database, history)
      else for (const piece of pieces) insert(database, history, piece)
      return added
    })
    return kept === true
  }

  /** Forgets a history, so that it is made anew. */
  async discard(stream: string, codeVersion: string): Promise<void> {
    await this.#file.write(database => discard(database, historyOf(stream, codeVersion)))
  }

  async #unpacked(stream: string, { to, afterHash, stateHash }: Piece, body: unknown): Promise<unknown> {
    if (!(body instanceof Uint8Array) || hash('sha256', body) !== stateHash) return undefined
    if (afterHash !== (await this.#hashAt(stream, to))) return undefined
    try {
      const text = await promisify(zstdDecompress)(body, { maxOutputLength: STATE_BYTES_MAX })
      return JSON.parse(text.toString('utf8'))
    } catch {
      return undefined
    }
  }

  close(): void {
    this.#file.close()
  }
}

function historyOf(stream: string, codeVersion: string): string {
  return hash('sha256', JSON.stringify([stream, codeVersion])).slice(0, 32)
}

function insert(database: DatabaseSync, history: string, piece: Made & { readonly number: number }): void {
  const columns = columnsOf(history, piece)
  database.prepare(INSERT_PIECE).run(...columns, sealOf(columns))
  if (piece.body !== null) database.prepare(INSERT_STATE).run(history, piece.number, piece.body)
}

function discard(database: DatabaseSync, history: string): void {
  for (const sql of DISCARD) database.prepare(sql).run(history)
}

function parsePiece(history: string, row: Row): Piece | undefined {
  try {
    const piece = {
      number: integerIn(row, 'number'),
      from: integerIn(row, 'from_revision') as Revision,
      to: integerIn(row, 'to_revision') as Revision,
      afterHash: textIn(row, 'after_hash'),
      stateHash: textIn(row, 'state_hash'),
    }
    return sealOf(columnsOf(history, piece)) === textIn(row, 'seal') ? piece : undefined
  } catch {
    return undefined
  }
}

function columnsOf(history: string, piece: Piece) {
  const { number, from, to, afterHash, stateHash } = piece
  return [history, number, from, to, afterHash, stateHash] as const
}

async function packed(state: string | null): Promise<Uint8Array | null> {
  return state === null || state.length > STATE_BYTES_MAX ? null : promisify(zstdCompress)(state)
}
