import type { SQLOutputValue } from 'node:sqlite'
import { StoreError } from '../errors.ts'

/** A row as node:sqlite gives it. */
export type Row = Readonly<Record<string, SQLOutputValue>>

/** A text column; anything else is a damaged file, since the tables are STRICT. */
export function textIn(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw unexpected(column)
  return value
}

/** An integer column within JavaScript's safe range. */
export function integerIn(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw unexpected(column)
  return value
}

function unexpected(column: string): StoreError {
  return new StoreError(
    'corrupt',
    `A row of the store is damaged (column ${column}). Run \`holdfast verify\`, then restore a backup.`,
    { detail: 'row' },
  )
}
