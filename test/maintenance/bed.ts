import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Configuration, type ConfigurationInput, type LogEntry } from '@holdfast/core'
import { openLedgerOn, type Ledger } from '@holdfast/engine'
import { readHistory, type LogStore } from '@holdfast/store'
import { MemoryLog, openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { SCHEDULE_TIMES } from '../engine/harness/fleet.ts'
import { VirtualTime } from '../engine/harness/virtual-time.ts'

/** A place under virtual time at which ledgers can be opened, by as many processes as a test wants; gone after it. */
export class Bed implements AsyncDisposable {
  readonly time: VirtualTime
  /** For files of the test. */
  readonly folder = mkdtempSync(join(tmpdir(), 'holdfast-maintenance-'))
  readonly #open: (aheadMs: number) => Promise<LogStore>
  readonly #ledgers: Ledger[] = []
  readonly #stores: LogStore[] = []

  constructor(kind: 'memory' | 'sqlite', time = new VirtualTime()) {
    this.time = time
    const path = join(this.folder, 'ledger.db')
    const log = new MemoryLog(time.wall)
    this.#open =
      kind === 'memory'
        ? () => Promise.resolve(openMemoryStore({ log }))
        : () => openSqliteStore({ path, clock: time.wall, bootClock: time.boot })
  }

  get path(): string {
    return join(this.folder, 'ledger.db')
  }

  async store(): Promise<LogStore> {
    const store = await this.#open(0)
    this.#stores.push(store)
    return store
  }

  async ledger(config: ConfigurationInput = SCHEDULE_TIMES, store?: LogStore): Promise<Ledger> {
    return this.ledgerOn(store ?? (await this.store()), config)
  }

  async ledgerOn(store: LogStore, config: ConfigurationInput = SCHEDULE_TIMES): Promise<Ledger> {
    const { boot, timers } = this.time
    const options = { config: Configuration.parse(config), actor: null, bootClock: boot, timers }
    const ledger = await openLedgerOn(store, options)
    this.#ledgers.push(ledger)
    return ledger
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const ledger of this.#ledgers) await ledger.close()
    for (const store of this.#stores) await store.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export async function historyOf(store: LogStore, stream = 'default'): Promise<LogEntry[]> {
  const entries: LogEntry[] = []
  for await (const batch of readHistory(store, stream)) entries.push(...batch)
  return entries
}

/** Asks for a lease and insists that it is granted. */
export async function granted(ledger: Ledger, request: Parameters<Ledger['acquire']>[0]) {
  const answer = await ledger.acquire(request)
  if (answer.outcome !== 'granted') throw new Error(`not granted: ${JSON.stringify(answer)}`)
  return answer.lease
}
