import { LivenessPolicy } from '@holdfast/core'
import { RUN_WORK_MEMORY_MS } from '@holdfast/core/internal'
import * as z from 'zod'
import { HALT_OVERDUE_MS } from '../view/halt-view.ts'

const MINUTE_MS = 60_000

/**
 * How liveness is judged. Local: two people may look at one ledger with different settings.
 *
 * - `graceMs`, `spinMs`: the policy of the verdict: how long a young run may show nothing, and the oldest beat that
 *   still counts as one.
 * - `progressWindowMs`: work counts for so long, so that one early commit is not progress for ever.
 * - `haltOverdueMs`: a stop intent that is unconfirmed for longer is overdue.
 *
 * All faults are reported at once: what relates two fields is looked at whatever else is wrong.
 */
export const LivenessSettings = z
  .strictObject({
    graceMs: LivenessPolicy.shape.graceMs.default(30 * MINUTE_MS),
    spinMs: LivenessPolicy.shape.spinMs.default(15 * MINUTE_MS),
    progressWindowMs: z
      .int()
      .positive()
      .max(RUN_WORK_MEMORY_MS, 'work is remembered for 24 hours: progressWindowMs must not exceed that')
      .default(30 * MINUTE_MS),
    haltOverdueMs: z.int().nonnegative().default(HALT_OVERDUE_MS),
  })
  .refine(({ graceMs, progressWindowMs }) => !(graceMs > progressWindowMs), {
    error: 'graceMs must not exceed progressWindowMs',
    path: ['graceMs'],
    when: ({ value }) => typeof value === 'object' && value !== null,
  })
export type LivenessSettings = Readonly<z.infer<typeof LivenessSettings>>

export const DEFAULT_LIVENESS_SETTINGS: LivenessSettings = LivenessSettings.parse({})
