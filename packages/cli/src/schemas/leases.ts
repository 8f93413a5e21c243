import { DrainingJson, HaltJson, LeaseJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'

/** Answer of `leases`. */
export const LeasesAnswer = z.object({
  ...atLedger,
  leases: z.array(LeaseJson),
  /** What is nobody's any more and stays closed until its time: nothing is granted over it. */
  draining: z.array(DrainingJson),
  /** The stop intents that leases of the list have still to obey. */
  halts: z.array(HaltJson),
})
export type LeasesAnswer = Readonly<z.infer<typeof LeasesAnswer>>
