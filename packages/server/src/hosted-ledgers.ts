import type { LiveLedgerOptions } from '@holdfast/engine'
import { fileIdentity, openHosted, type HostedLedger } from '@holdfast/engine/served'
import { StoreError, type LogStore } from '@holdfast/store'
import { LedgerHandlers } from './handlers.ts'
import { heldLedgers, type ListedLedger } from './held-ledgers.ts'

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
  /** The file of the ledgers that are open; `null`: none is, or the store is no file. */
  #file: string | null = null

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

  /**
   * Those that are open, and behind them the others that the store holds, where it can list them; at most so many of these
   * are looked at. `isSeen`: whether one may be told of.
   */
  async listed(isSeen: (ledger: string) => boolean): Promise<readonly ListedLedger[]> {
    const open = (await this.all()).flatMap(({ hosted: { ledger } }) => {
      const { stream, ledgerId, head } = ledger
      return head === 'none' || !isSeen(stream) ? [] : [{ ledger: stream, ledgerId, head, open: true }]
    })
    const store = await this.#openStore()
    try {
      this.#demandSame(store, fileIdentity(store.url))
      const known = new Set(open.map(({ ledger }) => ledger))
      return [...open, ...(await heldLedgers(store, name => !known.has(name) && isSeen(name)))]
    } finally {
      await store.close()
    }
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
      this.#demandSame(store, file)
      // Looked at again: it must be the file that was opened.
      await store.head(ledger)
      const hosted = await openHosted(store, { ...this.#options, ledger })
      // Another one may have been opened meanwhile.
      this.#demandSame(store, file)
      this.#file = file
      const served = { hosted, handlers: new LedgerHandlers(hosted, this.#closing), file }
      this.#options.opened?.(served)
      return served
    } catch (error) {
      await store.close()
      throw error
    }
  }

  /** All ledgers that are open are of one file. */
  #demandSame({ url }: LogStore, file: string | null): void {
    if (this.#file !== null && file !== this.#file) throw replaced(url)
  }
}

function replaced(url: string): StoreError {
  const message = `${url} is another store now than the one that this server has open: it was restored, moved or replaced. This server ends. Start it again, and ask that one.`
  return new StoreError('unavailable', message, { detail: 'replaced' })
}
