import { Configuration, type ConfigurationInput, type ProcessIdentity, type ProcessStatus } from '@holdfast/core'
import { openLedgerOn, type Ledger, type ProcessProbe } from '@holdfast/engine'
import { MemoryLog, openMemoryStore } from '@holdfast/store/memory'
import type { LogStore } from '@holdfast/store'
import { wrapped } from '../../store/harness/wrapped-store.ts'
import { byHttp, throughServer, VirtualTime } from '../../setup/virtual-time.ts'
import { RemoteDoor } from './remote-door.ts'
import { ServedDoor, type DoorSurroundings } from './served-door.ts'

/** Times of the schedules: TTL 9, grace 3, activity cap 40, here in seconds. */
export const SCHEDULE_TIMES: ConfigurationInput = {
  ttlDefaultMs: 9000,
  graceMs: 3000,
  activityCapMs: 40_000,
  ticketTtlMs: 6000,
  orphanGraceMs: 5000,
  finalisationGraceMs: 10_000,
}

/** Several processes on one ledger in memory, all on one virtual clock. */
export class Fleet {
  readonly time = new VirtualTime()
  readonly #log = new MemoryLog(this.time.wall)
  readonly #config: Configuration
  readonly #clock: LogStore['clock']
  readonly #statuses = new Map<number, ProcessStatus>()
  readonly #ledgers: Ledger[] = []
  readonly #doors: (ServedDoor | RemoteDoor)[] = []
  #nextPid = 100

  /** `can-step`: the store says of its clock that it can step, as it does when the wall clock is made to. */
  constructor(config: ConfigurationInput = SCHEDULE_TIMES, clock: LogStore['clock'] = 'steady') {
    this.#config = Configuration.parse(config)
    this.#clock = clock
  }

  /** One process with its own ledger object; `wrap` puts faults between it and the log. */
  async process(wrap: (store: LogStore) => LogStore = store => store): Promise<Ledger> {
    const store = (): LogStore => wrap(wrapped(openMemoryStore({ log: this.#log }), { clock: this.#clock }))
    const options = { bootClock: this.time.boot, timers: this.time.timers, probe: this.probe }
    const founding = await openLedgerOn(store(), { ...options, config: this.#config, actor: null })
    if (byHttp()) {
      const door = await RemoteDoor.open(store, options)
      this.#doors.push(door)
      await founding.close()
      const actor = this.newProcess()
      return this.#kept(await openLedgerOn(door.store({ ...options, actor }), { ...options, actor, create: false }))
    }
    const server = throughServer() && (await this.#door(store, options))
    await founding.close()
    return this.#kept(await openLedgerOn(store(), { ...options, actor: this.newProcess(), server }))
  }

  #kept(ledger: Ledger): Ledger {
    this.#ledgers.push(ledger)
    return ledger
  }

  /** Each process has a server of its own: what is wrong between a process and the log is wrong there too. */
  async #door(store: () => LogStore, options: DoorSurroundings) {
    const door = await ServedDoor.open(store, options)
    this.#doors.push(door)
    return door.find
  }

  /** One at the store itself, whoever serves it: for what no server decides for others. */
  async operator(): Promise<Ledger> {
    const options = { bootClock: this.time.boot, timers: this.time.timers, probe: this.probe }
    return this.#kept(await openLedgerOn(openMemoryStore({ log: this.#log }), { ...options, actor: this.newProcess() }))
  }

  readonly probe: ProcessProbe = ({ pid }) => this.#statuses.get(pid) ?? 'unknown'

  newProcess(): ProcessIdentity {
    this.#nextPid += 1
    this.#statuses.set(this.#nextPid, 'alive')
    return { host: 'h', bootId: 'b', pidNamespace: 'n', pid: this.#nextPid, processStart: '1' }
  }

  die(process: ProcessIdentity | null): void {
    if (process !== null) this.#statuses.set(process.pid, 'dead')
  }

  revive(process: ProcessIdentity, status: 'alive' | 'unknown'): void {
    this.#statuses.set(process.pid, status)
  }

  async close(): Promise<void> {
    await Promise.all(this.#ledgers.map(ledger => ledger.close()))
    await Promise.all(this.#doors.map(door => door.close()))
  }
}
