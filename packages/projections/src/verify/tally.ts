import type { Revision } from '@holdfast/core'
import type { LedgerCheck } from './ledger-check.ts'

/** Wrong places that a check names; the rest is counted. */
const NAMED_MAX = 16

/** Counts what a check looks at and what it finds wrong, and names the first places. */
export class Tally {
  readonly #name: string
  readonly #severity: LedgerCheck['severity']
  #seen = 0
  #wrong = 0
  readonly #places: string[] = []

  constructor(name: string, severity: LedgerCheck['severity']) {
    this.#name = name
    this.#severity = severity
  }

  /** One more was looked at. */
  see(): void {
    this.#seen += 1
  }

  wrong(revision: Revision, what: string): void {
    this.#wrong += 1
    if (this.#places.length < NAMED_MAX) this.#places.push(`r${revision} ${what}`)
  }

  check(): LedgerCheck {
    const base = { name: this.#name, severity: this.#severity }
    if (this.#wrong === 0) return { ...base, ok: true, count: this.#seen }
    const more = this.#wrong - this.#places.length
    const detail = this.#places.join('; ') + (more === 0 ? '' : `; and ${more} more`)
    return { ...base, ok: false, count: this.#wrong, detail }
  }
}
