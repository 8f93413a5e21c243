import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Configuration, type ConfigurationInput, type EventType, type RecordedEvent } from '@holdfast/core'
import { openLedger, type Ledger } from '@holdfast/engine'
import { holdfast, type Process } from './command-line.ts'

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

  path(...names: readonly string[]): string {
    return join(this.folder, ...names)
  }

  /** The first event of a type that matches, past or to come. */
  seen<T extends EventType>(type: T, matches: Matches<T> = () => true): Promise<RecordedEvent<T>> {
    return new Promise(resolve => {
      const look = (): void => {
        const found = this.events(type).find(matches)
        if (found === undefined) return
        this.#waiting.delete(look)
        resolve(found)
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** All events of a type so far. */
  events<T extends EventType>(type: T): readonly RecordedEvent<T>[] {
    return this.#events.filter(event => isOf(event, type))
  }

  /** The pid that a beat of the lane records as its child, once that child has begun. */
  async childOf(lane: string): Promise<number> {
    const recorded = await this.seen('HEARTBEAT', ({ data }) => data.lane === lane && data.children !== undefined)
    await this.seen('HEARTBEAT', ({ data, revision }) => data.lane === lane && revision > recorded.revision)
    const pid = recorded.data.children?.[0]?.pid
    if (pid === undefined) throw new Error('no child is recorded')
    return pid
  }

  /** Starts the command line's `run` on this ledger. */
  run(lane: string, flags: readonly string[], ...command: readonly string[]): Process {
    return holdfast(['run', lane, '--store', this.url, '--holder', 'H', ...flags, '--', ...command], {
      cwd: this.folder,
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
