import type { Kind, LedgerState, LogEntry } from '@holdfast/core'
import type { Audit } from './audit.ts'
import { Tally } from './tally.ts'

/**
 * Where a lease was granted, no more of its kind are live than its budget has room for, draining entries counted. A budget
 * may be set below what is live: that ends nothing, and grants nothing. Imported grants were never ours to decide.
 */
export class BudgetAudit implements Audit {
  readonly #tally = new Tally('no-budget-exceeded', 'fault')
  #draining = 0

  before(state: LedgerState, entry: LogEntry): void {
    this.#draining = 0
    if (entry.type !== 'ACQUIRE' || entry.data.kind === null) return
    for (const [, { kind }] of state.draining.live(entry.recordedAt)) {
      if (kind === entry.data.kind) this.#draining += 1
    }
  }

  after(state: LedgerState, entry: LogEntry): void {
    if (entry.type !== 'ACQUIRE' || entry.origin !== undefined) return
    const { kind } = entry.data
    if (kind !== null) this.#look(state, entry, kind)
  }

  checks() {
    return [this.#tally.check()]
  }

  #look(state: LedgerState, { revision }: LogEntry, kind: Kind): void {
    const budget = Object.hasOwn(state.config.kinds, kind) ? state.config.kinds[kind]?.budget : undefined
    if (budget === undefined || budget === null) return
    this.#tally.see()
    const used = [...state.byKind.values(kind)].length + this.#draining
    if (used > budget) this.#tally.wrong(revision, `${used} of the kind ${kind}, whose budget is ${budget}`)
  }
}
