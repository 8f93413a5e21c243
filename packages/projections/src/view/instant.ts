import * as z from 'zod'

/** First and last instant that ISO 8601 writes with four digits of a year. */
const FIRST_MS = -62_167_219_200_000
const LAST_MS = 253_402_300_799_999

/** An instant as the command line writes it: ISO 8601 in UTC with milliseconds. */
export const Instant = z.iso.datetime({ precision: 3 })
export type Instant = z.infer<typeof Instant>

/** Writes an instant down. One outside the years 0 to 9999 (an import, "for ever") is written as the nearest end. */
export function instantOf(atMs: number): Instant {
  return new Date(Math.min(LAST_MS, Math.max(FIRST_MS, atMs))).toISOString()
}
