import { Configuration } from '@holdfast/core'
import { StatusJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { atPlace } from './at-place.ts'

/** Answer of `status`. */
export const StatusAnswer = z.object({
  ...StatusJson.shape,
  ...atLedger,
  ...atPlace,
  url: z.string(),
  config: Configuration,
})
export type StatusAnswer = Readonly<z.infer<typeof StatusAnswer>>
