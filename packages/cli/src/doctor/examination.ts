import type { LedgerCheck } from '@holdfast/projections'
import type { OpenFold } from '../program/open-fold.ts'
import type { Shell } from '../program/shell.ts'
import type { InTheWay } from '../schemas/ledger.ts'

/** What the checks look at. */
export interface Patient {
  readonly ledger: OpenFold
  readonly shell: Shell
}

/** One thing that stands in the way; the check that found it is added. */
type Found = Omit<InTheWay, 'check'>

/** What one check found: `found` stands in the way, each thing by itself. Nobody is stopped by a check without it. */
export interface Examined extends LedgerCheck {
  readonly found?: readonly Found[]
}

/** A group of checks. A new one is a file of its own and a line in `examinations.ts`. */
export type Examination = (patient: Patient) => readonly Examined[] | Promise<readonly Examined[]>

/** A check whose findings nobody is stopped by. */
export function finding(name: string, count: number, detail: string): Examined {
  return { name, ok: count === 0, count, severity: 'finding', ...(count === 0 ? {} : { detail }) }
}

/** A check for things that stand in the way. */
export function obstruction(name: string, found: readonly Found[]): Examined {
  const count = found.length
  const detail = found.map(({ text }) => text).join('; ')
  return { name, ok: count === 0, count, severity: 'finding', found, ...(count === 0 ? {} : { detail }) }
}
