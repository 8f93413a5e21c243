import { LeaseJson, Instant } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { PendingHalt } from './pending-halt.ts'
import { NotHeld, StaleToken } from './not-held.ts'

/** The holder is asked to stop. Exit codes do not tell of it. */
const halt = PendingHalt.nullable()

/** Answer of `check`: exit 0 for `held`, 4 for everything else. `in-grace`: the time is over, and a beat brings it back. */
export const CheckAnswer = z
  .discriminatedUnion('outcome', [
    z.object({ outcome: z.enum(['held', 'expired', 'in-grace']), lease: LeaseJson, halt }),
    /** Held, but an older holder may still believe in the same place until then. */
    z.object({ outcome: z.literal('draining'), lease: LeaseJson, halt, until: Instant }),
    NotHeld,
    StaleToken,
  ])
  .and(z.object({ ...atLedger, held: z.boolean() }))
export type CheckAnswer = Readonly<z.infer<typeof CheckAnswer>>
