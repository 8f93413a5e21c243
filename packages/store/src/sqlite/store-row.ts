import type { BootOrigin } from '../boot-clock.ts'
import { StoreError } from '../errors.ts'
import { sealOf } from './hash-chain.ts'
import { integerIn, textIn, type Row } from './row.ts'

/** Binds the log clock to one boot: log time = `baseMs` + boot clock. */
export interface ClockAnchor {
  readonly origin: BootOrigin
  readonly baseMs: number
}

/** What the whole file agrees on. */
export interface StoreRow {
  readonly storeId: string
  /** Write transactions so far. */
  readonly seq: number
  readonly streams: number
  /** `undefined` until the first write. */
  readonly anchor: ClockAnchor | undefined
}

export const SELECT_STORE = 'SELECT * FROM store WHERE id = 1'
export const REPLACE_STORE = `
  INSERT OR REPLACE INTO store
    (id, store_id, seq, streams, boot_id, time_namespace, uptime_origin_ms, clock_base_ms, seal)
  VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)`

type Columns = readonly [string, number, number, string, string, number, number | null]

/** The values for `REPLACE_STORE`. */
export function storeColumns(store: StoreRow): readonly [...Columns, string] {
  const columns = columnsOf(store)
  return [...columns, sealOf(columns)]
}

/** Reads and checks the row. */
export function parseStoreRow(row: Row | undefined): StoreRow {
  if (row === undefined) throw damagedRow()
  const base = row['clock_base_ms']
  const store: StoreRow = {
    storeId: textIn(row, 'store_id'),
    seq: integerIn(row, 'seq'),
    streams: integerIn(row, 'streams'),
    anchor:
      base === null
        ? undefined
        : {
            baseMs: integerIn(row, 'clock_base_ms'),
            origin: {
              bootId: textIn(row, 'boot_id'),
              timeNamespace: textIn(row, 'time_namespace'),
              originMs: integerIn(row, 'uptime_origin_ms'),
            },
          },
  }
  if (sealOf(columnsOf(store)) !== textIn(row, 'seal')) throw damagedRow()
  return store
}

function columnsOf({ storeId, seq, streams, anchor }: StoreRow): Columns {
  const origin = anchor?.origin ?? { bootId: '', timeNamespace: '', originMs: 0 }
  const { bootId, timeNamespace, originMs } = origin
  return [storeId, seq, streams, bootId, timeNamespace, originMs, anchor?.baseMs ?? null]
}

function damagedRow(): StoreError {
  return new StoreError(
    'corrupt',
    'The bookkeeping of the store is damaged. Run `holdfast verify`, then restore a backup.',
    { detail: 'seal' },
  )
}
