import { Revision } from '@holdfast/core'
import { Instant } from '@holdfast/projections'
import * as z from 'zod'

/** A stop intent that the holder of a lease has still to obey: stop, then release. */
export const PendingHalt = z.object({ revision: Revision, handle: z.string(), reason: z.string(), at: Instant })
export type PendingHalt = Readonly<z.infer<typeof PendingHalt>>
