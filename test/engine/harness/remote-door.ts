import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRemoteStore, type RemoteStoreOptions } from '@holdfast/engine/served'
import { Door, HostedLedgers, Right, SILENT, TokenStore } from '@holdfast/server'
import type { LogStore } from '@holdfast/store'
import { AllowedHosts } from '../../../packages/server/src/http/allowed-hosts.ts'
import { takeConnections, wantsConnection } from '../../../packages/server/src/http/connect.ts'
import { BadTokens } from '../../../packages/server/src/tokens/bad-tokens.ts'
import type { DoorSurroundings } from './served-door.ts'

/** A server by HTTP in this process, on the test's own time: real frames over a real connection with a real token. */
export class RemoteDoor {
  /** Doors of this process so far, and those that closed before anybody had come through. */
  static readonly seen = { opened: 0, unused: 0 }

  readonly #folder = mkdtempSync(join(tmpdir(), 'holdfast-remote-'))
  readonly #closing = new AbortController()
  readonly #ledgers: HostedLedgers
  readonly #server: Server
  readonly #door: Door
  readonly #token: string
  #isUsed = false

  private constructor(open: () => LogStore, options: DoorSurroundings) {
    const closing = this.#closing.signal
    this.#ledgers = new HostedLedgers(async () => open(), { compaction: { automatic: false }, ...options }, closing)
    const around = { ledgers: this.#ledgers, closing, log: SILENT, replaced: () => {} }
    this.#door = new Door({ ...around, timers: options.timers, slowReaderMs: 10_000 })
    const tokens = new TokenStore(`sqlite:${this.#folder}/l.db`)
    this.#token = tokens.create({ name: 'all', can: [...Right.options] }, Date.now()).secret
    this.#server = createServer({ shouldUpgradeCallback: wantsConnection })
    const hosts = new AllowedHosts({ host: '127.0.0.1', port: 0, names: ['127.0.0.1'] })
    takeConnections(this.#server, { ...around, hosts, tokens, badTokens: new BadTokens(), door: this.#door })
    this.#server.on('upgrade', () => {
      this.#isUsed = true
    })
  }

  static async open(open: () => LogStore, options: DoorSurroundings): Promise<RemoteDoor> {
    const door = new RemoteDoor(open, options)
    RemoteDoor.seen.opened += 1
    await new Promise<void>(resolve => {
      door.#server.listen(0, '127.0.0.1', resolve)
    })
    return door
  }

  /** What a process has instead of the store. */
  store(options: Omit<RemoteStoreOptions, 'token'>): LogStore {
    const { port } = this.#server.address() as AddressInfo
    return openRemoteStore(`http://127.0.0.1:${port}`, { ...options, token: this.#token })
  }

  async close(): Promise<void> {
    if (!this.#isUsed) RemoteDoor.seen.unused += 1
    this.#closing.abort()
    this.#server.close()
    await this.#door.close('the test ends')
    await this.#ledgers.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
