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

/** A value that must be there; says how to give it when it is not. */
export function required<T>(value: T | undefined, field: string, how: string): T {
  if (value === undefined) throw new UsageError(`${field} is missing; give it with ${how}.`)
  return value
}

/** For flags that repeat and take one value each. */
export function collect(value: string, previous: string[] | undefined): string[] {
  // The list of the flags before is nobody else's yet; copying it each time would be slow for thousands.
  previous?.push(value)
  return previous ?? [value]
}
