import { Holder, LeaseId, Revision, RunId, Token, ExitStatus, Disposition } from '@holdfast/core'
import { Instant } from '@holdfast/projections'
import { atLedger } from '@holdfast/server/schemas'
import * as z from 'zod'

const spanMs = z.number().nonnegative()

/** What collided at one place, or between two holders. Spans are in ms. */
const collisions = {
  /** Requests that were refused; a renewed place in line is none. */
  refused: z.int().nonnegative(),
  /** Waits in line that have ended. */
  granted: z.int().nonnegative(),
  gaveUp: z.int().nonnegative(),
  /** How long the ended waits took: half of them no longer, and 99 of 100; `null`: none has ended. */
  waitedP50Ms: spanMs.nullable(),
  waitedP99Ms: spanMs.nullable(),
  longestMs: spanMs,
  /** Who waits now. */
  waiting: z.int().nonnegative(),
  /** The newest refusal; `why rN` explains it. */
  newest: Revision,
}

/** Answer of `contention`: where requests were in each other's way. What was waited for longest comes first. */
export const ContentionAnswer = z.object({
  ...atLedger,
  since: Instant,
  lanes: z.array(z.object({ lane: z.string(), ...collisions })),
  /** Folders of the paths that both sides covered, relative to the root. */
  folders: z.array(z.object({ folder: z.string(), ...collisions })),
  pairs: z.array(z.object({ holder: z.string(), blocker: z.string(), ...collisions })),
  holders: z.array(z.object({ holder: z.string(), ...collisions })),
  /** Who waits now; `starves`: longer than 99 of 100 that were granted. */
  waits: z.array(
    z.object({ holder: z.string(), lanes: z.array(z.string()), since: Instant, place: Revision, starves: z.boolean() }),
  ),
  /** False where more names than are kept were in it. */
  isWhole: z.boolean(),
})
export type ContentionAnswer = Readonly<z.infer<typeof ContentionAnswer>>

/** Answer of `gaps`: beats that came after the time that their lease was safe until. */
export const GapsAnswer = z.object({
  ...atLedger,
  since: Instant,
  holders: z.array(
    z.object({
      holder: z.string(),
      beats: z.int().nonnegative(),
      gaps: z.int().nonnegative(),
      longestMs: spanMs,
      /** The greatest part of what was allowed that passed without a beat; 1 and more was too late. */
      greatestPart: z.number().nonnegative(),
    }),
  ),
  gaps: z.array(
    z.object({
      holder: Holder,
      leaseId: LeaseId,
      token: Token,
      from: Instant,
      /** `null`: it lasts. */
      to: Instant.nullable(),
      end: z.enum(['beat', 'released', 'adopted', 'evicted']).nullable(),
      spanMs,
      allowedMs: spanMs,
    }),
  ),
})
export type GapsAnswer = Readonly<z.infer<typeof GapsAnswer>>

/** Answer of `runs`: what each run held and how it ended, in the order in which they began. */
export const RunsAnswer = z.object({
  ...atLedger,
  since: Instant,
  runs: z.array(
    z.object({
      runId: RunId,
      startedAt: Instant,
      lastEventAt: Instant,
      /** `null` while it holds a lease. */
      endedAt: Instant.nullable(),
      leases: z.array(LeaseId),
      liveLeases: z.int().nonnegative(),
      attempt: z.int().min(1),
      beats: z.int().nonnegative(),
      work: z.int().nonnegative(),
      exit: ExitStatus.nullable(),
      disposition: Disposition.nullable(),
    }),
  ),
})
export type RunsAnswer = Readonly<z.infer<typeof RunsAnswer>>
