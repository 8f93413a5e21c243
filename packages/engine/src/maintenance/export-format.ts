import { parseEntry, type LogEntry } from '@holdfast/core'
import { rawOf } from '@holdfast/core/internal'
import type { NewEvent } from '@holdfast/store'
import * as z from 'zod'

/** Version of the format below. A reader refuses a higher one. */
export const EXPORT_FORMAT = 1

/** The first line. */
export const ExportHeader = z.strictObject({
  holdfast: z.literal('export'),
  format: z.literal(EXPORT_FORMAT),
  ledger: z.string().describe('name of the ledger in the store it comes from'),
  ledgerId: z.uuid(),
  dropped: z
    .int()
    .nonnegative()
    .nullable()
    .describe('the last revision that had been dropped from the archive for good; null: the history is complete'),
})
export type ExportHeader = z.infer<typeof ExportHeader>

/** One event a line, oldest first; also those that the exporting program could not read, as they were stored. */
export const ExportEvent = z.strictObject({
  revision: z.int().nonnegative(),
  recordedAt: z.int().describe('milliseconds since the Unix epoch, on the log clock'),
  eventId: z.string().min(1),
  type: z.string().min(1),
  schemaVersion: z.int().min(1),
  actor: z.unknown(),
  runId: z.unknown().optional(),
  causation: z.unknown().optional(),
  origin: z.unknown().optional(),
  data: z.unknown(),
})
export type ExportEvent = z.infer<typeof ExportEvent>

/** The last line: without it the file was cut off. */
export const ExportTrailer = z.strictObject({
  end: z.literal(true),
  events: z.int().nonnegative(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('over all lines before this one, each with its line feed'),
})
export type ExportTrailer = z.infer<typeof ExportTrailer>

/** The published schema of a line: docs/export-format.schema.json. */
export function exportLineJsonSchema(): unknown {
  return z.toJSONSchema(z.union([ExportHeader, ExportEvent, ExportTrailer]))
}

/** The event's line; what this program cannot read stands as the store had it. */
export function exportedEvent(entry: LogEntry): ExportEvent {
  const { eventId, revision, recordedAt, type, schemaVersion, actor, data, ...rest } = rawOf(entry)
  const optional = Object.entries({ runId: rest.runId, causation: rest.causation, origin: rest.origin })
  const given = Object.fromEntries(optional.filter(([, value]) => value !== undefined))
  return { revision, recordedAt, eventId, type, schemaVersion, actor, ...given, data }
}

/** The entry that the line stands for, as a store would give it. */
export function entryOf(event: ExportEvent): LogEntry {
  return parseEntry({ ...event, actor: event.actor, data: event.data })
}

/** The event as a store takes it. The codec's edge: what no schema knows passes through unread. */
export function newEventOf(event: ExportEvent): NewEvent {
  const { revision: _, ...rest } = event
  return rest as NewEvent
}
