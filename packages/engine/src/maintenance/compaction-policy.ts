import * as z from 'zod'

/** When a log is compacted by itself. Local: each process may have another, or none. */
export const CompactionPolicy = z.strictObject({
  /** The kill switch. */
  automatic: z.boolean().default(true),
  /**
   * How many events one piece has, between two CHECKPOINTs: the log keeps at least as many of the newest, and about twice
   * as many at most; what is older goes into the archive, piece by piece. SQLite writes a piece in short transactions, so
   * that others have their turn meanwhile.
   */
  eventsMax: z.int().min(100).max(1_000_000).default(10_000),
  /** How often it is looked. */
  everyMs: z.int().min(1000).max(3_600_000).default(30_000),
})
export type CompactionPolicy = Readonly<z.infer<typeof CompactionPolicy>>
export type CompactionPolicyInput = Readonly<z.input<typeof CompactionPolicy>>
