import * as z from 'zod'
import { RecordedConfiguration } from './configuration.ts'
import { reason } from './event-text.ts'
import { EpochMs, LedgerId, Revision } from './ids.ts'

/** A SHA-256 in lower-case hex. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/**
 * Where the state of a CHECKPOINT is: in the event; in parts of a side stream that was there before it; or beside it, in
 * a side stream that is written after it and sealed.
 */
export const StateCarrier = z.discriminatedUnion('carrier', [
  z.looseObject({ carrier: z.literal('inline'), value: z.json() }),
  z.looseObject({
    carrier: z.literal('parts'),
    stream: z.string().min(1),
    parts: z.int().positive(),
    sha256: Sha256,
  }),
  z.looseObject({ carrier: z.literal('beside'), stream: z.string().min(1) }),
])
export type StateCarrier = z.infer<typeof StateCarrier>

/** The whole state through `throughRevision`; the fold begins anew from it. */
export const CheckpointData = z.looseObject({
  ledgerId: LedgerId,
  /** -1 at genesis: through nothing. */
  throughRevision: z.int().min(-1),
  /** Added to the physical position of this and every later event. */
  offset: z.int().nonnegative(),
  /** Added to the store's time for this ledger's log clock. */
  clockOffset: z.int(),
  minWriter: z.int().min(1),
  config: RecordedConfiguration,
  state: StateCarrier,
  archive: z.looseObject({ stream: z.string(), from: Revision, to: Revision, sha256: Sha256 }).optional(),
  /** The URL of the store that continues this ledger: nothing is written here any more. */
  movedTo: z.string().min(1).optional(),
  /** The ledger came here by a move, and is open again. */
  arrivedAt: z.string().min(1).optional(),
  /** The log was put back from a backup that ended at `throughRevision`. `forced`: without draining. */
  restored: z.looseObject({ forced: z.boolean(), drainsUntil: EpochMs.nullable() }).optional(),
  /** Revisions that an operator decided to skip although this code cannot read them. */
  skips: z.array(Revision).optional(),
  reason,
})

export type CheckpointData = z.infer<typeof CheckpointData>
