import { LeaseJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'

/** Answer of `leases`. */
export const LeasesAnswer = z.object({ ...atLedger, leases: z.array(LeaseJson) })
export type LeasesAnswer = Readonly<z.infer<typeof LeasesAnswer>>
