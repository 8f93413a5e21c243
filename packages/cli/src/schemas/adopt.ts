import { Token } from '@holdfast/core'
import { LeaseJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { NotHeld, QueueFull, StaleToken } from './not-held.ts'
import { Refused } from './refused.ts'

const Adopted = z.object({ outcome: z.literal('adopted'), lease: LeaseJson, previousToken: Token })

/** Answer of `adopt`. */
export const AdoptAnswer = z
  .discriminatedUnion('outcome', [Adopted, NotHeld, StaleToken, Refused, QueueFull])
  .and(z.object(atLedger))
export type AdoptAnswer = Readonly<z.infer<typeof AdoptAnswer>>
