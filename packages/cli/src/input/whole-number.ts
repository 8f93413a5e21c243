import { UsageError } from '../program/usage-error.ts'

/** Reads a number that names an event: a token or a revision. */
export function wholeNumber(text: string, field: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value)) return value
  throw new UsageError(`${field}: ${JSON.stringify(text)} is no whole number; give the one that the ledger gave.`)
}
