import type { LedgerState, LogEntry, RecordedEvent } from '@holdfast/core'
import { leaseIdOf, tokenAt } from '@holdfast/core/internal'
import type { Audit } from './audit.ts'
import { Tally } from './tally.ts'

/**
 * Revisions strictly increase, and with them the tokens that ACQUIRE and ADOPT mint (law 5); a grant of ours is named
 * after its own token.
 */
export class TokenAudit implements Audit {
  readonly #order = new Tally('revisions-increase', 'fault')
  readonly #tokens = new Tally('tokens-increase', 'fault')
  #revision = -1
  #token = -1

  before(_state: LedgerState, entry: LogEntry): void {
    this.#order.see()
    if (entry.revision <= this.#revision) this.#order.wrong(entry.revision, `stands after r${this.#revision}`)
    this.#revision = entry.revision
    if (entry.type === 'ACQUIRE' || entry.type === 'ADOPT') this.#mint(entry)
  }

  checks() {
    return [this.#order.check(), this.#tokens.check()]
  }

  #mint(event: RecordedEvent<'ACQUIRE' | 'ADOPT'>): void {
    this.#tokens.see()
    const token = tokenAt(event.revision)
    if (token <= this.#token) this.#tokens.wrong(event.revision, `mints a token that is not above ${this.#token}`)
    this.#token = Math.max(this.#token, token)
    if (event.type === 'ADOPT' || event.origin !== undefined) return
    const { lane, leaseId } = event.data
    if (leaseId !== leaseIdOf(lane, token))
      this.#tokens.wrong(event.revision, `grants ${leaseId}, not ${lane}@${token}`)
  }
}
