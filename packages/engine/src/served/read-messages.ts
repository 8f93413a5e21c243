import { EpochMs, Revision, type RawEntry } from '@holdfast/core'
import * as z from 'zod'

const head = z.union([z.literal('none'), Revision])

/** An entry in the form of the store: what it is, `parseEntry` says. */
export const Raw = z.custom<RawEntry>()

/** What is read of a log: entries, or a piece of the text of one that fits no frame, the last of which ends it. */
export const ReadItem = z.union([
  z.object({ entries: z.array(Raw) }),
  z.object({ piece: z.string(), isLast: z.boolean() }),
  z.object({ kind: z.literal('truncated'), from: Revision, to: Revision }),
  z.object({ kind: z.literal('caught-up'), head }),
])
export type ReadItem = z.infer<typeof ReadItem>

const span = z.object({
  from: Revision,
  to: Revision,
  events: z.int(),
  oldestRecordedAt: EpochMs,
  newestRecordedAt: EpochMs,
})

/** What is told of the store of a ledger, by the question. */
export const StoreAnswers = {
  now: z.object({ nowMs: EpochMs }),
  head: z.object({ head }),
  archive: z.object({ held: span.nullable(), dropped: span.nullable(), bytes: z.number() }),
  check: z.object({
    checks: z.array(
      z.object({
        name: z.string(),
        ok: z.boolean(),
        count: z.number(),
        severity: z.enum(['fault', 'finding']),
        detail: z.string().optional(),
      }),
    ),
  }),
} as const
