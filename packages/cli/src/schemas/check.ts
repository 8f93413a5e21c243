import { LeaseJson, Instant } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { NotHeld, StaleToken } from './not-held.ts'

/** Answer of `check`: exit 0 for `held`, 4 for everything else. `in-grace`: the time is over, and a beat brings it back. */
export const CheckAnswer = z
  .discriminatedUnion('outcome', [
    z.object({ outcome: z.enum(['held', 'expired', 'in-grace']), lease: LeaseJson }),
    /** Held, but an older holder may still believe in the same place until then. */
    z.object({ outcome: z.literal('draining'), lease: LeaseJson, until: Instant }),
    NotHeld,
    StaleToken,
  ])
  .and(z.object({ ...atLedger, held: z.boolean() }))
export type CheckAnswer = Readonly<z.infer<typeof CheckAnswer>>
