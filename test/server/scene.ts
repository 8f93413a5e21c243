import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogEntry } from '@holdfast/core'
import { openLedger, systemTimers, type LiveLedger, type LiveLedgerOptions } from '@holdfast/engine'
import { ServerLink } from '@holdfast/engine/served'
import * as z from 'zod'
import { serve, type HoldfastServer, type ServeOptions } from '@holdfast/server'

/** A store in a folder of its own, with what is opened on it. */
export class Scene implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'holdfast-serve-'))
  readonly path = join(this.folder, 'l.db')
  readonly url = `sqlite:${this.path}`
  readonly #closing: (() => Promise<void>)[] = []

  static async make(): Promise<Scene> {
    const scene = new Scene()
    await (await openLedger(scene.url, { server: false })).close()
    return scene
  }

  async serve(options: Partial<ServeOptions> = {}): Promise<HoldfastServer> {
    const server = await serve({ store: this.url, compaction: { automatic: false }, ...options })
    this.#closing.push(() => server.stop())
    return server
  }

  async open(options: LiveLedgerOptions = {}): Promise<LiveLedger> {
    const ledger = await openLedger(this.url, { compaction: { automatic: false }, ...options })
    this.#closing.push(() => ledger.close())
    return ledger
  }

  /** Changes what is announced of the server. */
  announce(changes: object): void {
    const file = `${this.path}.serve/server.json`
    const announced = z.looseObject({}).parse(JSON.parse(readFileSync(file, 'utf8')))
    writeFileSync(file, JSON.stringify({ ...announced, ...changes }))
  }

  /** Ends all servers and ledgers; the store stays. */
  async stop(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close()
  }

  /** A door before a server's socket that loses what it is told to. */
  async lossy(server: HoldfastServer): Promise<LossyDoor> {
    const door = new LossyDoor(join(this.folder, `lossy-${this.#closing.length}.sock`), server.socket)
    await door.listen()
    this.#closing.push(() => door.close())
    return door
  }

  /** The log, without its genesis. */
  async log(): Promise<readonly LogEntry[]> {
    const ledger = await openLedger(this.url, { server: false, compaction: { automatic: false } })
    const all: LogEntry[] = []
    for await (const entries of ledger.store.read(ledger.stream)) all.push(...entries)
    await ledger.close()
    return all.slice(1)
  }

  async types(): Promise<readonly string[]> {
    return (await this.log()).map(({ type }) => type)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Between a client and a server: hands everything on, until it is told to lose or to keep something. */
export class LossyDoor {
  /** Once the server answers the next request, the client's side is cut and the answer is lost. */
  loseAnswers = false
  /** Nothing is lost of what each side says first: its hello. */
  sparesHello = false
  /** Clients that have come. */
  connections = 0
  /** The next request is lost, and both sides are cut. */
  loseRequests = false
  /** The next request is kept, and the client's side is cut. `release` hands it on. */
  keepRequests = false
  /** The client's side is cut once the next request has gone on, and the server's side stays. */
  cutAfterRequest = false
  readonly path: string
  readonly #to: string
  readonly #listener: Server
  readonly #sockets = new Set<Socket>()
  readonly #kept: (() => void)[] = []

  constructor(path: string, to: string) {
    this.path = path
    this.#to = to
    this.#listener = createServer(client => this.#join(client))
  }

  readonly find: Extract<LiveLedgerOptions['server'], (...args: never[]) => unknown> = async wish => {
    if (!this.isOpen) return null
    return ServerLink.connect(this.path, { hello: { ledger: wish.ledger, actor: wish.actor }, timers: systemTimers })
  }

  /** Whether a client that lost it finds it again. */
  isOpen = true

  listen(): Promise<void> {
    return new Promise(resolve => {
      this.#listener.listen(this.path, resolve)
    })
  }

  /** Hands on what was kept. */
  release(): void {
    for (const hand of this.#kept.splice(0)) hand()
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#listener.close()
  }

  #join(client: Socket): void {
    const server = createConnection(this.#to)
    this.connections += 1
    const greeted = new Set<Socket>()
    const isSpared = (from: Socket): boolean => {
      const isHello = this.sparesHello && !greeted.has(from)
      greeted.add(from)
      return isHello
    }
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
    }
    client.on('data', piece => {
      if (isSpared(client)) {
        server.write(piece)
        return
      }
      if (this.loseRequests) {
        this.#cut(client, server)
        return
      }
      if (this.keepRequests) {
        this.#kept.push(() => server.write(piece))
        this.#cut(client)
        return
      }
      server.write(piece)
      if (this.cutAfterRequest) this.#cut(client)
    })
    server.on('data', piece => {
      if (!isSpared(server) && this.loseAnswers) this.#cut(client, server)
      else if (!client.destroyed) client.write(piece)
    })
    client.on('close', () => {
      if (!this.keepRequests && !this.cutAfterRequest) server.destroy()
    })
    server.on('close', () => client.destroy())
  }

  #cut(...sockets: readonly Socket[]): void {
    this.isOpen = false
    for (const socket of sockets) socket.destroy()
  }
}
