import { createServer, type Server } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LiveLedgerOptions, ProcessProbe, Timers } from '@holdfast/engine'
import { ServerLink } from '@holdfast/engine/served'
import { Door, HostedLedgers, SILENT } from '@holdfast/server'
import type { BootClock, LogStore } from '@holdfast/store'

/** What the server has of the test instead of the machine. */
export interface DoorSurroundings {
  readonly bootClock: BootClock
  readonly timers: Timers
  readonly probe: ProcessProbe
}

/** A server in this process, on the test's own time: real frames over a real socket, and a store of the test. */
export class ServedDoor {
  /** Doors of this process so far, and those that closed before anybody had come through. */
  static readonly seen = { opened: 0, unused: 0 }

  readonly #folder = mkdtempSync(join(tmpdir(), 'holdfast-door-'))
  readonly #closing = new AbortController()
  readonly #ledgers: HostedLedgers
  readonly #listener: Server
  readonly #door: Door
  #isUsed = false

  private constructor(open: () => LogStore, options: DoorSurroundings) {
    const closing = this.#closing.signal
    this.#ledgers = new HostedLedgers(async () => open(), { compaction: { automatic: false }, ...options }, closing)
    const ends = { slowReaderMs: 10_000, replaced: () => {}, log: SILENT }
    this.#door = new Door({ ledgers: this.#ledgers, timers: options.timers, closing, ...ends })
    this.#listener = createServer(socket => {
      this.#isUsed = true
      this.#door.accept(socket)
    })
  }

  static async open(open: () => LogStore, options: DoorSurroundings): Promise<ServedDoor> {
    const served = new ServedDoor(open, options)
    ServedDoor.seen.opened += 1
    await new Promise<void>(resolve => {
      served.#listener.listen(served.path, resolve)
    })
    return served
  }

  get path(): string {
    return join(this.#folder, 'd.sock')
  }

  /** For `openLedger`'s option `server`. */
  readonly find: Exclude<LiveLedgerOptions['server'], boolean | string | undefined> = ({ ledger, actor, timers }) =>
    ServerLink.connect(this.path, { hello: { ledger, actor }, timers })

  async close(): Promise<void> {
    if (!this.#isUsed) ServedDoor.seen.unused += 1
    this.#closing.abort()
    this.#listener.close()
    await this.#door.close('the test ends')
    await this.#ledgers.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
