import { Configuration } from '@holdfast/core'
import { StatusJson, Verification } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger, atPlace } from './at-ledger.ts'

/** Answer of `status`. */
export const StatusAnswer = z.object({
  ...StatusJson.shape,
  ...atLedger,
  ...atPlace,
  url: z.string(),
  config: Configuration,
})
export type StatusAnswer = Readonly<z.infer<typeof StatusAnswer>>

/** Answer of `verify`; a log that cannot be read far enough to know its id has `null` there. */
export const VerifyAnswer = z.object({
  ...Verification.shape,
  ledgerId: atLedger.ledgerId.nullable(),
  head: z.int().min(-1),
})
export type VerifyAnswer = Readonly<z.infer<typeof VerifyAnswer>>
