import type { EpochMs } from '@holdfast/core'
import { identify, type Ledger } from '@holdfast/engine/lean'
import type { Shell } from '../program/shell.ts'
import type { RefusedRequest } from './next-steps.ts'

interface Asked extends Pick<RefusedRequest, 'op' | 'lane' | 'asker'> {
  readonly nowMs: EpochMs
}

/** A request that was refused, and the surroundings in which steps are looked for: the ledger as it was seen last. */
export function refusedRequest(shell: Shell, ledger: Ledger, { nowMs, ...asked }: Asked): RefusedRequest {
  const { state } = ledger
  return { ...asked, state, moment: { nowMs }, typed: shell.typed, here: identify(process.pid) }
}
