import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Configuration, type ConfigurationInput, type LogEntry } from '@holdfast/core'
import { openLedgerOn, type Ledger } from '@holdfast/engine'
import { readHistory, type LogStore } from '@holdfast/store'
import { MemoryLog, openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { SCHEDULE_TIMES } from '../engine/harness/fleet.ts'
import { VirtualTime } from '../setup/virtual-time.ts'
import { EsdbFixture } from '../eventstoredb/fixture/esdb-fixture.ts'
import { SHORT } from '../eventstoredb/fixture-factory.ts'

export type StoreKind = LogStore['kind']

/** A place under virtual time at which ledgers can be opened, by as many processes as a test wants; gone after it. */
export class Bed implements AsyncDisposable {
  readonly time: VirtualTime
  /** For files of the test. */
  readonly folder = mkdtempSync(join(tmpdir(), 'holdfast-maintenance-'))
  readonly #open: () => Promise<LogStore>
  readonly #ledgers: Ledger[] = []
  readonly #stores: LogStore[] = []
  #fixture: Promise<EsdbFixture> | null = null

  constructor(kind: StoreKind, time = new VirtualTime()) {
    this.time = time
    const log = new MemoryLog(time.wall)
    const openings: Record<StoreKind, () => Promise<LogStore>> = {
      memory: async () => openMemoryStore({ log }),
      sqlite: () => openSqliteStore({ path: this.path, clock: time.wall, bootClock: time.boot }),
      eventstoredb: () => this.#openOnFixture(),
    }
    this.#open = openings[kind]
  }

  get path(): string {
    return join(this.folder, 'ledger.db')
  }

  async store(): Promise<LogStore> {
    const store = await this.#open()
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

  async #openOnFixture(): Promise<LogStore> {
    this.#fixture ??= EsdbFixture.start({ clock: this.time.wall })
    const url = (await this.#fixture).url()
    return openEventStoreDbStore({ url, ...SHORT, callDeadlineMs: 5_000, bootClock: this.time.boot })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const ledger of this.#ledgers) await ledger.close()
    for (const store of this.#stores) await store.close()
    await (await this.#fixture)?.close()
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
