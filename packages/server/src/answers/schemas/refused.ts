import { Blocker, RefusalCode, RequestId, Revision, Token } from '@holdfast/core'
import { Instant } from '@holdfast/projections'
import * as z from 'zod'
import { NextStep } from './next-step.ts'

/** One thing in the way of a request; `until` as far as is known today. */
export const BlockerJson = z.looseObject({ ...Blocker.omit({ until: true }).shape, until: Instant.optional() })
export type BlockerJson = z.infer<typeof BlockerJson>

/** A request that was understood and not granted (exit 3). */
export const Refused = z.object({
  outcome: z.literal('refused'),
  code: RefusalCode,
  blockers: z.array(BlockerJson),
  moreBlockers: z.int().nonnegative(),
  /** `r<revision>` of the recorded refusal. */
  refusalId: z.string().regex(/^r\d+$/),
  /** The recorded refusal stands for this one too; nothing was appended. */
  coalesced: z.boolean(),
  /** A retry then is granted if nothing else happens. */
  earliestRetryAt: Instant.optional(),
  /** The place in the line. */
  ticket: z.object({ requestId: RequestId, place: Revision, until: Instant }).optional(),
  /** When the lease expires that was to be ended or adopted. */
  expiresAt: Instant.optional(),
  reason: z.string(),
  /** What can be done, what helps most first. */
  next: z.array(NextStep),
})
export type Refused = Readonly<z.infer<typeof Refused>>

/** What can be done, what helps most first. */
const next = z.array(NextStep)

/** No live lease of that holder on that lane (exit 4). */
export const NotHeld = z.object({ outcome: z.literal('not-held'), next })

/** The lane is leased, under other tokens (exit 4). */
export const StaleToken = z.object({ outcome: z.literal('stale-token'), tokens: z.array(Token), next })

/** Too many commands wait; send it again (exit 5). */
export const QueueFull = z.object({ outcome: z.literal('queue-full') })
