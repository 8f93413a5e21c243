import { Instant } from '@holdfast/projections'
import * as z from 'zod'

/** One line of `beat`: a beat that was written. */
export const BeatLine = z.object({
  file: z.string(),
  at: Instant,
  pid: z.int(),
  hostname: z.string(),
  metadata: z.record(z.string(), z.unknown()),
})
export type BeatLine = Readonly<z.infer<typeof BeatLine>>
