import { LeaseJson, LedgerCheck } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { atPlace } from './at-place.ts'

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

/** Answer of `wait`: whether nobody holds the lane, and who does otherwise. */
export const WaitAnswer = z.object({ ...atLedger, lane: z.string(), free: z.boolean(), leases: z.array(LeaseJson) })
export type WaitAnswer = Readonly<z.infer<typeof WaitAnswer>>

/** Answer of `doctor`. Findings leave `ok` true. */
export const DoctorAnswer = z.object({ ...atLedger, ...atPlace, ok: z.boolean(), checks: z.array(LedgerCheck) })
export type DoctorAnswer = Readonly<z.infer<typeof DoctorAnswer>>
