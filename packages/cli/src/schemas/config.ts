import { Configuration } from '@holdfast/core'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'
import { atPlace } from './at-place.ts'

/** Answer of `init`: what was made, or what was there already. */
export const InitAnswer = z.object({
  ...atLedger,
  ...atPlace,
  url: z.string(),
  /** False when the ledger was there before: it keeps its configuration. */
  created: z.boolean(),
  config: Configuration,
  /** The group that the store is shared with; absent where `--shared` was not given. */
  shared: z.object({ group: z.string(), gid: z.int() }).optional(),
  /** What was changed of what was asked for, and why. */
  notes: z.array(z.string()),
})
export type InitAnswer = Readonly<z.infer<typeof InitAnswer>>

/** Answer of `config show` and `config set`. */
export const ConfigAnswer = z.object({ ...atLedger, config: Configuration })
export type ConfigAnswer = Readonly<z.infer<typeof ConfigAnswer>>
