import * as z from 'zod'
import { EpochMs, Revision, RunId } from '../ids.ts'
import { Lease } from './lease.ts'
import {
  DrainingEntry,
  HaltEntry,
  RememberedAttempt,
  RememberedRefusal,
  RememberedRequest,
  RunWork,
  SpawnEntry,
  Ticket,
} from './entries.ts'

const count = z.int().nonnegative()

const keyed = <V extends z.ZodType>(value: V) => z.array(z.tuple([z.string(), value])).default([])

/**
 * The state of a CHECKPOINT as JSON: all of the fold that does not stand in the CHECKPOINT's own fields. Entries that
 * have ended by the log's clock are left out; they could answer nothing any more.
 */
export const StateSnapshot = z.object({
  clockMs: EpochMs.default(0 as EpochMs),
  counts: z
    .object({
      ACQUIRE: count,
      RELEASE: count,
      HEARTBEAT: count,
      ADOPT: count,
      HALT: count,
      SPAWN: count,
      SCAVENGE: count,
      REFUSE: count,
    })
    .optional(),
  unrecognisedCount: count.default(0),
  unreadable: z.array(Revision).default([]),
  unreadableMore: count.default(0),
  leases: z.array(Lease).default([]),
  draining: keyed(DrainingEntry),
  tickets: keyed(Ticket),
  halts: keyed(HaltEntry),
  spawns: keyed(SpawnEntry),
  requests: keyed(RememberedRequest),
  refusals: keyed(RememberedRefusal),
  attempts: keyed(RememberedAttempt),
  runs: z.array(z.tuple([RunId, RunWork])).default([]),
})
export type StateSnapshot = z.infer<typeof StateSnapshot>
