import { Verification } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'

/** Answer of `verify`; a log that cannot be read far enough to know its id has `null` there. */
export const VerifyAnswer = z.object({
  ...Verification.shape,
  ledgerId: atLedger.ledgerId.nullable(),
  head: z.int().min(-1),
})
export type VerifyAnswer = Readonly<z.infer<typeof VerifyAnswer>>
