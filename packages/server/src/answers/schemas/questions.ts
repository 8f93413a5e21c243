import { RefusalCode } from '@holdfast/core'
import { DrainingJson, HaltJson, Instant, LeaseJson, LivenessJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { BlockerJson } from './refused.ts'

const LeaseChange = z.object({ before: LeaseJson, after: LeaseJson })

/** Answer of `diff`: what changed in the live set between two points; `head` is the newest revision of the later one. */
export const DiffAnswer = z.object({
  ...atLedger,
  from: z.int().nonnegative(),
  /** The instants that the two points were taken as, on the log clock. */
  fromAsOf: Instant.optional(),
  asOf: Instant.optional(),
  began: z.array(LeaseJson),
  ended: z.array(LeaseJson),
  /** The same lease under another token. */
  changedHands: z.array(LeaseChange),
  /** The same lease and token, kept by a beat. */
  kept: z.array(LeaseChange),
})
export type DiffAnswer = Readonly<z.infer<typeof DiffAnswer>>

/** Answer of `wait`: whether an acquire would be granted, and what would refuse it otherwise. */
export const WaitAnswer = z.object({
  ...atLedger,
  lane: z.string(),
  free: z.boolean(),
  /** The leases among the blockers. */
  leases: z.array(LeaseJson),
  /** With what an acquire would be refused. */
  code: RefusalCode.optional(),
  blockers: z.array(BlockerJson),
  moreBlockers: z.int().nonnegative(),
  /** When it is free if nothing else happens; absent: no time frees it. */
  freeAt: Instant.optional(),
})
export type WaitAnswer = Readonly<z.infer<typeof WaitAnswer>>

/** Answer of `leases`. */
export const LeasesAnswer = z.object({
  ...atLedger,
  /** With a point in the past: the instant that it was taken as, on the log clock. */
  asOf: Instant.optional(),
  leases: z.array(LeaseJson),
  /** What is nobody's any more and stays closed until its time: nothing is granted over it. */
  draining: z.array(DrainingJson),
  /** The stop intents that leases of the list have still to obey. */
  halts: z.array(HaltJson),
})
export type LeasesAnswer = Readonly<z.infer<typeof LeasesAnswer>>

/** Answer of `liveness`. */
export const LivenessAnswer = z.object({
  ...atLedger,
  liveness: LivenessJson.shape.leases,
  halts: LivenessJson.shape.halts,
  spawning: LivenessJson.shape.spawning,
  waiting: LivenessJson.shape.waiting,
  /** Where work was looked for beside the log. */
  progress: z.object({
    directory: z.string(),
    files: z.boolean(),
    commits: z.boolean(),
    /** What could not be told there; it counts as no work. */
    unknown: z.array(z.string()),
  }),
})
export type LivenessAnswer = Readonly<z.infer<typeof LivenessAnswer>>
