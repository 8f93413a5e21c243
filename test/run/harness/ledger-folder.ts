import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Configuration, type ConfigurationInput, type EventType, type RecordedEvent } from '@holdfast/core'
import { openLedger, type Ledger } from '@holdfast/engine'

type Matches<T extends EventType> = (event: RecordedEvent<T>) => boolean

/** A ledger in a folder of its own, with times short enough for a test, and its log to wait on. */
export class LedgerFolder implements AsyncDisposable {
  readonly folder: string
  readonly url: string
  readonly ledger: Ledger
  readonly #events: RecordedEvent[] = []
  readonly #waiting = new Set<() => void>()

  private constructor(folder: string, ledger: Ledger) {
    this.folder = folder
    this.url = urlIn(folder)
    this.ledger = ledger
    ledger.listen(entries => {
      for (const entry of entries) if (entry.type !== 'UNRECOGNISED') this.#events.push(entry)
      for (const look of this.#waiting) look()
    })
  }

  static async make(config: ConfigurationInput): Promise<LedgerFolder> {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-run-'))
    const ledger = await openLedger(urlIn(folder), { config: Configuration.parse(config) })
    return new LedgerFolder(folder, ledger)
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** The first event of a type that matches, past or to come. */
  seen<T extends EventType>(type: T, matches: Matches<T> = () => true): Promise<RecordedEvent<T>> {
    return new Promise(resolve => {
      const look = (): void => {
        const found = this.#events.filter(event => isOf(event, type)).find(matches)
        if (found === undefined) return
        this.#waiting.delete(look)
        resolve(found)
      }
      this.#waiting.add(look)
      look()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ledger.close()
    rmSync(this.folder, { recursive: true })
  }
}

function urlIn(folder: string): string {
  return `sqlite:${join(folder, 'ledger.db')}`
}

function isOf<T extends EventType>(event: RecordedEvent, type: T): event is Extract<RecordedEvent, RecordedEvent<T>> {
  return event.type === type
}
