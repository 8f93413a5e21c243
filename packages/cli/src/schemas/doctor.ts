import { Instant, LedgerCheck } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { atPlace } from './at-place.ts'
import { NextStep } from './next-step.ts'

/** One thing that stands in the way here, and what can be done about it. */
export const InTheWay = z.object({
  /** The check that found it. */
  check: z.string(),
  /** What it is: a lease's id, a lane, a file. */
  subject: z.string(),
  text: z.string(),
  /** `null`: not known. */
  since: Instant.nullable(),
  /** When it is over by itself; `null`: not by time, or not known. */
  until: Instant.nullable(),
  next: z.array(NextStep),
})
export type InTheWay = Readonly<z.infer<typeof InTheWay>>

/** Answer of `doctor`. `ok` is false for a fault alone; findings and what is in the way leave it true. */
export const DoctorAnswer = z.object({
  ...atLedger,
  ...atPlace,
  ok: z.boolean(),
  checks: z.array(LedgerCheck),
  inTheWay: z.array(InTheWay),
})
export type DoctorAnswer = Readonly<z.infer<typeof DoctorAnswer>>
