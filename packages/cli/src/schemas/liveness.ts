import { LivenessJson } from '@holdfast/projections'
import * as z from 'zod'
import { atLedger } from './at-ledger.ts'

/** Answer of `liveness`. */
export const LivenessAnswer = z.object({
  ...atLedger,
  liveness: LivenessJson.shape.leases,
  halts: LivenessJson.shape.halts,
  spawning: LivenessJson.shape.spawning,
  /** Where work was looked for beside the log. */
  progress: z.object({
    directory: z.string(),
    files: z.boolean(),
    commits: z.boolean(),
    /** What could not be told there; it counts as no work. */
    unknown: z.array(z.string()),
  }),
})
export type LivenessAnswer = Readonly<z.infer<typeof LivenessAnswer>>
