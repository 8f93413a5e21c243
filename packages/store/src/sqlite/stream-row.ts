import { EMPTY_TIP, type StreamTip } from '../stream-tip.ts'
import { brokenChain, CHAIN_START, sealOf } from './hash-chain.ts'
import { integerIn, textIn, type Row } from './row.ts'

/** A stream as its bookkeeping row has it. */
export interface StreamRow {
  readonly id: number
  readonly name: string
  readonly tip: StreamTip
  /** Hash of the last event. */
  readonly hash: string
  /** Hash before the first event that is still here. */
  readonly baseHash: string
}

export const SELECT_STREAM = 'SELECT * FROM streams WHERE name = ?'
/** By its own order, not through the index on names: finds a stream whose index entry is damaged. */
export const SELECT_STREAMS = 'SELECT * FROM streams NOT INDEXED ORDER BY id'
export const REPLACE_STREAM = `
  INSERT OR REPLACE INTO streams
    (id, name, first_position, base_hash, position, revision, recorded_at, clock_at, offset, clock_offset,
     checkpoint_position, hash, seal)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

/** For a stream that is there: its name stays, so the index on names is left alone. The values as for `REPLACE_STREAM`. */
export const UPDATE_STREAM = `
  UPDATE streams SET
    first_position = ?3, base_hash = ?4, position = ?5, revision = ?6, recorded_at = ?7, clock_at = ?8, offset = ?9,
    clock_offset = ?10, checkpoint_position = ?11, hash = ?12, seal = ?13
  WHERE id = ?1 AND name = ?2`

type Columns = readonly [number, string, number, string, number, number, number, number, number, number, number, string]

/** A stream before its first event. */
export function freshStream(id: number, name: string): StreamRow {
  return { id, name, tip: EMPTY_TIP, hash: CHAIN_START, baseHash: CHAIN_START }
}

/** The values for `REPLACE_STREAM`. */
export function streamColumns(stream: StreamRow): readonly [...Columns, string] {
  const columns = columnsOf(stream)
  return [...columns, sealOf(columns)]
}

/** Reads and checks the row. */
export function parseStreamRow(row: Row): StreamRow {
  const stream: StreamRow = {
    id: integerIn(row, 'id'),
    name: textIn(row, 'name'),
    hash: textIn(row, 'hash'),
    baseHash: textIn(row, 'base_hash'),
    tip: {
      firstPosition: integerIn(row, 'first_position'),
      position: integerIn(row, 'position'),
      revision: integerIn(row, 'revision'),
      recordedAtMs: integerIn(row, 'recorded_at'),
      clockAtMs: integerIn(row, 'clock_at'),
      offset: integerIn(row, 'offset'),
      clockOffsetMs: integerIn(row, 'clock_offset'),
      checkpointPosition: integerIn(row, 'checkpoint_position'),
    },
  }
  if (sealOf(columnsOf(stream)) !== textIn(row, 'seal')) throw brokenChain(stream.name, stream.tip.position, 'seal')
  return stream
}

function columnsOf({ id, name, tip, hash, baseHash }: StreamRow): Columns {
  return [
    id,
    name,
    tip.firstPosition,
    baseHash,
    tip.position,
    tip.revision,
    tip.recordedAtMs,
    tip.clockAtMs,
    tip.offset,
    tip.clockOffsetMs,
    tip.checkpointPosition,
    hash,
  ]
}
