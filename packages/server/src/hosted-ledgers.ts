import type { LiveLedgerOptions } from '@holdfast/engine'
import { fileIdentity, openHosted, type HostedLedger } from '@holdfast/engine/served'
import { StoreError, type LogStore } from '@holdfast/store'
import { LedgerHandlers } from './handlers.ts'

/** Ledgers of one store that are open at once. */
const LEDGERS_MAX = 64

export interface HostedOptions extends LiveLedgerOptions {
  /** Told of each ledger when it is opened, before anybody uses it. */
  readonly opened?: ((served: ServedLedger) => void) | undefined
}

/** A ledger that is served. */
export interface ServedLedger {
  readonly hosted: HostedLedger
  readonly handlers: LedgerHandlers
  /** Device and inode of the file that was opened. */
  readonly file: string | null
}

/** The ledgers of one store, each opened when somebody first asks for it, with one pipeline. */
export class HostedLedgers {
  readonly #open = new Map<string, Promise<ServedLedger>>()
  readonly #openStore: () => Promise<LogStore>
  readonly #options: HostedOptions
  readonly #closing: AbortSignal

  constructor(openStore: () => Promise<LogStore>, options: HostedOptions, closing: AbortSignal) {
    this.#openStore = openStore
    this.#options = options
    this.#closing = closing
  }

  /** Rejects as `openLedger` does, with `no-ledger` for one that is not there. */
  async of(name: string): Promise<ServedLedger> {
    const known = this.#open.get(name)
    if (known !== undefined) return known
    if (this.#open.size >= LEDGERS_MAX) {
      throw new StoreError('unavailable', `This server has ${LEDGERS_MAX} ledgers open; no more fit.`)
    }
    const opening = this.#host(name)
    this.#open.set(name, opening)
    // One that is not there may be made later.
    opening.catch(() => this.#open.delete(name))
    return opening
  }

  /** Opens the store and closes it again. Rejects as `openStore` does. */
  async probe(): Promise<void> {
    const store = await this.#openStore()
    await store.close()
  }

  /** Those that are open. */
  async all(): Promise<readonly ServedLedger[]> {
    const settled = await Promise.allSettled(this.#open.values())
    return settled.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
  }

  /** Settles what is under way and closes all. */
  async close(): Promise<void> {
    await Promise.all((await this.all()).map(({ hosted }) => hosted.ledger.close()))
  }

  async #host(ledger: string): Promise<ServedLedger> {
    const store = await this.#openStore()
    try {
      const file = fileIdentity(store.url)
      // Looked at again: it must be the file that was opened.
      await store.head(ledger)
      const hosted = await openHosted(store, { ...this.#options, ledger })
      const served = { hosted, handlers: new LedgerHandlers(hosted, this.#closing), file }
      this.#options.opened?.(served)
      return served
    } catch (error) {
      await store.close()
      throw error
    }
  }
}
