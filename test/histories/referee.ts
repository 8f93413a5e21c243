import { evolve, initialState, snapshotState, type LedgerState, type Revision } from '@holdfast/core'
import { nextRevision } from '@holdfast/core/internal'
import type { Ledger } from '@holdfast/engine'
import { verifyLedger } from '@holdfast/projections'
import { readHistory, type LogStore } from '@holdfast/store'

/** A finding only because older programs did it. */
const GUESSED = 'checkpoint-times'

/** Folds the log as it grows, and holds what ledger objects have folded against it. */
export class Referee {
  readonly #store: LogStore
  readonly #stream: string
  readonly #stated = new Map<Revision, Parts>()
  #state = initialState()

  constructor(store: LogStore, stream: string) {
    this.#store = store
    this.#stream = stream
  }

  /** Everything that is wrong now, of the log itself and of what the ledger objects make of it. */
  async faults(ledgers: readonly Ledger[]): Promise<readonly string[]> {
    await this.#readOn()
    const differing = ledgers.flatMap((ledger, index) => this.#difference(ledger, index))
    const { checks } = await verifyLedger(this.#store, this.#stream)
    const wrong = checks.filter(({ ok, severity, name }) => !ok && (severity === 'fault' || name === GUESSED))
    return [...differing, ...wrong.map(({ name, detail = '' }) => `${name}: ${detail}`)]
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  async #readOn(): Promise<void> {
    const { head } = this.#state
    for await (const entries of readHistory(this.#store, this.#stream, { from: nextRevision(head) })) {
      for (const entry of entries) {
        this.#state = evolve(this.#state, entry)
        this.#stated.set(entry.revision, parts(this.#state))
      }
    }
  }

  /** What was written since the look at the log is compared at the next one. */
  #difference({ state }: Ledger, index: number): string[] {
    const expected = state.head === -1 ? undefined : this.#stated.get(state.head)
    if (expected === undefined) return []
    const differing = Object.entries(parts(state)).filter(([name, part]) => part !== expected[name])
    return differing.map(
      ([name, part]) => `ledger object ${index} has at r${state.head} ${name} ${part}, not ${expected[name]}`,
    )
  }
}

/** A state as text, part by part. */
type Parts = Readonly<Record<string, string>>

function parts(state: LedgerState): Parts {
  const { config, offset, clockOffset, minWriter, movedTo } = state
  const all = { ...snapshotState(state), config, offset, clockOffset, minWriter, movedTo }
  return Object.fromEntries(Object.entries(all).map(([name, part]) => [name, JSON.stringify(part)]))
}
