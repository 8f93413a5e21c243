import { ProcessStatus } from '@holdfast/core'
import { Instant } from '@holdfast/projections'
import * as z from 'zod'

const PresenceFile = z.object({
  file: z.string(),
  pid: z.int(),
  uuid: z.string(),
  verdict: z.enum(['FRESH', 'STALE', 'ORPHAN']),
  basis: z.string(),
  reason: z.string(),
  process: ProcessStatus,
  lastRefreshAt: Instant,
  /** Below 0 for a refresh from the future. */
  ageMs: z.int(),
  startedAt: Instant.nullable(),
  version: z.string().nullable(),
  format: z.enum(['holdfast', 'state', 'wrapper']).nullable(),
  /** Why its text could not be read; pid and uuid come from its name then. */
  torn: z.string().nullable(),
})
export type PresenceFile = Readonly<z.infer<typeof PresenceFile>>

/** Answer of `presence`. With `--cleanup` the files are those that were there before it. */
export const PresenceAnswer = z.object({
  directory: z.string(),
  at: Instant,
  active: z.boolean(),
  freshCount: z.int().nonnegative(),
  files: z.array(PresenceFile),
  /** Of a heartbeat file's name, and nobody's. */
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
  /** `null` without `--cleanup`. */
  cleanup: z
    .object({
      removed: z.array(z.string()),
      alreadyGone: z.array(z.string()),
      refreshed: z.array(z.string()),
      swept: z.array(z.string()),
      failed: z.array(z.object({ path: z.string(), reason: z.string() })),
    })
    .nullable(),
})
export type PresenceAnswer = Readonly<z.infer<typeof PresenceAnswer>>

/** One line of `beat`: a beat that was written. */
export const BeatLine = z.object({
  file: z.string(),
  at: Instant,
  pid: z.int(),
  hostname: z.string(),
  metadata: z.record(z.string(), z.unknown()),
})
export type BeatLine = Readonly<z.infer<typeof BeatLine>>
