import { LivenessSettings } from '@holdfast/projections'
import { UsageError } from '../program/usage-error.ts'
import type { LocalConfiguration } from '../schemas/local-configuration.ts'
import { firstFaults } from './first-faults.ts'

/** How liveness is judged here, as the local configuration says. */
export function livenessSettings({ liveness }: LocalConfiguration): LivenessSettings {
  const settings = LivenessSettings.safeParse(liveness ?? {})
  if (!settings.success) throw new UsageError(`liveness: ${firstFaults(settings.error)}`)
  return settings.data
}
