import { RefusalCode } from '@holdfast/core'
import { Instant, LeaseJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { BlockerJson } from './refused.ts'

const LeaseChange = z.object({ before: LeaseJson, after: LeaseJson })

/** Answer of `diff`: what changed in the live set between two points; `head` is the newest revision of the later one. */
export const DiffAnswer = z.object({
  ...atLedger,
  from: z.int().nonnegative(),
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
