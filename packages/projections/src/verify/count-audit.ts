import type { LedgerState, LogEntry } from '@holdfast/core'
import type { Audit } from './audit.ts'
import type { LedgerCheck } from './ledger-check.ts'
import { Tally } from './tally.ts'

/** How many entries there are, how many of them are refusals, and which could not be read. */
export class CountAudit implements Audit {
  readonly #unrecognised = new Tally('unrecognised', 'finding')
  #entries = 0
  #refusals = 0
  #unrecognisedCount = 0

  get unrecognised(): number {
    return this.#unrecognisedCount
  }

  before(_state: LedgerState, entry: LogEntry): void {
    this.#entries += 1
    this.#unrecognised.see()
    if (entry.type === 'REFUSE') this.#refusals += 1
    if (entry.type !== 'UNRECOGNISED') return
    this.#unrecognisedCount += 1
    this.#unrecognised.wrong(entry.revision, `${entry.problem}: ${entry.detail}`)
  }

  checks(): readonly LedgerCheck[] {
    return [
      { name: 'refold', ok: true, count: this.#entries, severity: 'fault' },
      { name: 'refusals', ok: true, count: this.#refusals, severity: 'finding' },
      this.#unrecognised.check(),
    ]
  }
}
