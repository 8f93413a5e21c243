import { UsageError } from '../failure/usage-error.ts'

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** Reads an instant: ISO 8601 with its zone, or a day in UTC. */
export function readInstant(text: string, field: string): number {
  const atMs = ISO.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(atMs)) return atMs
  throw new UsageError(`${field}: ${JSON.stringify(text)} is no time; write one like 2026-05-01T14:03:00Z.`)
}
