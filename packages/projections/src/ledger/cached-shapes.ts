import { EventId, Revision } from '@holdfast/core'
import { CheckpointData, type Shape } from '@holdfast/core/internal'
import * as z from 'zod'

const Fold = z.object({ checkpoint: CheckpointData, head: Revision, lastEventId: EventId })

/** A cached fold as it stands in a snapshot: a CHECKPOINT's data, and the event that it was taken after. */
export const CachedFold: Shape<z.infer<typeof Fold>> = Fold
