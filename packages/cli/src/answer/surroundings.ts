import type { EpochMs } from '@holdfast/core'
import { identify, type Ledger } from '@holdfast/engine/lean'
import type { AskedLedger, AtMoment, NotHeldRequest, Surroundings } from '@holdfast/server/answers'
import { environment } from '../input/environment.ts'
import type { Shell } from '../program/shell.ts'

/** Where steps are looked for: the ledger as it was seen last, and this machine. Who asks, the caller knows. */
export function surroundings(shell: Shell, { state }: Ledger, nowMs: EpochMs): Omit<Surroundings, 'asker'> & AtMoment {
  return { state, moment: { nowMs }, typed: shell.typed, here: identify(process.pid) }
}

/** What is asked of a lease, and by whom, as far as the answer rests on it. */
export function askedOf<O extends NotHeldRequest['op']>(
  request: { readonly op: O; readonly lane: string; readonly token: number; readonly asker: string | null },
  { shell, ledger, nowMs }: { readonly shell: Shell; readonly ledger: Ledger; readonly nowMs: EpochMs },
): typeof request & Surroundings & AtMoment {
  return { ...surroundings(shell, ledger, nowMs), ...request }
}

/** From where a question is asked, and by whom. */
export function askedFrom(shell: Shell): Pick<AskedLedger, 'typed' | 'workTree' | 'asker' | 'here'> {
  const asker = environment('HOLDFAST_HOLDER') ?? null
  return { typed: shell.typed, workTree: shell.workTree, asker, here: identify(process.pid) }
}
