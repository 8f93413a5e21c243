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

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** Reads an instant: ISO 8601 with its zone, or a day in UTC. */
export function readInstant(text: string, field: string): number {
  const atMs = ISO.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(atMs)) return atMs
  throw new UsageError(`${field}: ${JSON.stringify(text)} is no time; write one like 2026-05-01T14:03:00Z.`)
}
