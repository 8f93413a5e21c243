import { UsageError } from '../failure/usage-error.ts'

/** Reads a number that names an event: a token or a revision. */
export function wholeNumber(text: string, field: string): number {
  return read(text, field, 'give the one that the ledger gave')
}

/** Reads how many of something are meant. */
export function wholeCount(text: string, field: string): number {
  return read(text, field, 'say how many in digits')
}

function read(text: string, field: string, hint: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value)) return value
  throw new UsageError(`${field}: ${JSON.stringify(text)} is no whole number; ${hint}.`)
}
