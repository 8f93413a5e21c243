import type { EpochMs } from '@holdfast/core'
import { identify, type Ledger } from '@holdfast/engine/lean'
import type { Shell } from '../program/shell.ts'
import type { Surroundings } from './lease-steps.ts'

/** Where steps are looked for: the ledger as it was seen last, and this machine. Who asks, the caller knows. */
export function surroundings(shell: Shell, { state }: Ledger, nowMs: EpochMs): Omit<Surroundings, 'asker'> {
  return { state, moment: { nowMs }, typed: shell.typed, here: identify(process.pid) }
}
