import type { Shape } from '@holdfast/core/internal'
import { GuardSettings } from '@holdfast/engine/write-guard'
import * as z from 'zod'

/**
 * A local configuration that holds settings of the guard alone, and no hooks: what a hook call reads without the schema of
 * the whole one. Any other configuration is for that schema to judge.
 */
export const GuardAlone: Shape<{ guard?: Omit<GuardSettings, 'hooks'> | undefined }> = z.strictObject({
  $schema: z.string().optional(),
  guard: GuardSettings.omit({ hooks: true }).optional(),
})
