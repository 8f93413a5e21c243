import { Lane, LedgerId } from '@holdfast/core'
import { Instant } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger, ServerJson } from '@holdfast/server/schemas'

const count = z.int().nonnegative()

/** Answer of `compact`: events of the log before and after, and bytes that left it less what the archive takes. */
export const CompactAnswer = z.object({ ...atLedger, eventsBefore: count, eventsAfter: count, bytesReclaimed: count })
export type CompactAnswer = Readonly<z.infer<typeof CompactAnswer>>

/** A piece of history. */
export const HistorySpanJson = z.object({
  from: count,
  to: count,
  events: count,
  oldest: Instant,
  newest: Instant,
})
export type HistorySpanJson = Readonly<z.infer<typeof HistorySpanJson>>

/** Answer of `archive` and `archive drop`. */
export const ArchiveAnswer = z.object({
  ...atLedger,
  held: HistorySpanJson.nullable(),
  dropped: HistorySpanJson.nullable(),
  bytes: count,
  /** What can no longer be answered, since history was dropped. */
  unanswerable: z.array(z.string()),
})
export type ArchiveAnswer = Readonly<z.infer<typeof ArchiveAnswer>>

/** Answer of `backup`. */
export const BackupAnswer = z.object({ file: z.string(), bytes: count, ledgers: z.array(z.string()) })
export type BackupAnswer = Readonly<z.infer<typeof BackupAnswer>>

/**
 * Answer of `restore`: each ledger of the backup, until when it grants nothing (`null`: forced), and until when a holder
 * may still believe in a grant that the backup does not hold: `spanMs` from now, by a bound that is `fixed` in the log or
 * `derived` for a ledger that is older than such bounds.
 */
export const RestoreAnswer = z.object({
  url: z.string(),
  /** What its regions are relative to. */
  root: z.string(),
  /** Where a store that was there is now (`--move-aside`). */
  movedAside: z.string().optional(),
  /** Who served the store that was there: it grants nothing more, and ends. `null`: nobody. */
  server: ServerJson.nullable().optional(),
  ledgers: z.array(
    z.object({
      ledger: z.string(),
      ledgerId: LedgerId,
      through: count,
      head: count,
      drainsUntil: Instant.nullable(),
      believedUntil: Instant,
      bound: z.enum(['fixed', 'derived']),
      spanMs: count,
    }),
  ),
})
export type RestoreAnswer = Readonly<z.infer<typeof RestoreAnswer>>

/** Answer of `export` and `archive export` when they write a file. */
export const ExportAnswer = z.object({ ...atLedger, file: z.string(), events: count })
export type ExportAnswer = Readonly<z.infer<typeof ExportAnswer>>

/** Answer of `import`. What follows the counts only an import of a journal has. */
export const ImportAnswer = z.object({
  ...atLedger,
  imported: count,
  unrecognised: count,
  corrupt: count,
  /** The first corrupt lines, and what is wrong with each. */
  faults: z.array(z.object({ line: z.int().positive(), detail: z.string() })).optional(),
  /** How the first six leases moved, work counted since `--since`. */
  deltas: z.array(z.object({ loopTs: z.string(), lane: Lane, workEvents: count, newestBeatAgeMs: z.int() })).optional(),
  /** How far the journal's newest time lies ahead of the clock. */
  aheadMs: count.optional(),
})
export type ImportAnswer = Readonly<z.infer<typeof ImportAnswer>>

/** Answer of `move`: `head` is the newest revision in the new place. */
export const MoveAnswer = z.object({ ...atLedger, movedTo: z.string(), copied: count })
export type MoveAnswer = Readonly<z.infer<typeof MoveAnswer>>
