import { createConnection, createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { HttpListen } from '@holdfast/server'
import { openLedger, type LiveLedger, type LiveLedgerOptions } from '@holdfast/engine'
import { HttpScene } from '../http/http-scene.ts'

/** A server by HTTP, clients of it that have no file, and proxies between them. */
export class RemoteScene implements AsyncDisposable {
  readonly http: HttpScene
  readonly #closing: (() => Promise<unknown>)[] = []

  private constructor(http: HttpScene) {
    this.http = http
  }

  static async make(http: Partial<HttpListen> = {}): Promise<RemoteScene> {
    return new RemoteScene(await HttpScene.make(http))
  }

  async open(options: LiveLedgerOptions = {}, url = this.http.url): Promise<LiveLedger> {
    const ledger = await openLedger(url, { token: this.http.owner, ...options })
    this.#closing.push(() => ledger.close())
    return ledger
  }

  async proxy(): Promise<Proxy> {
    const proxy = await Proxy.before(this.http.url)
    this.#closing.push(() => proxy.close())
    return proxy
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close()
    await this.http[Symbol.asyncDispose]()
  }
}

/** Hands bytes on, until it is told to lose or to keep some. */
export class Proxy {
  /** Once the server answers the next request, both sides are cut and the answer is lost. */
  loseAnswer = false
  /** The next request is lost, and both sides are cut. */
  loseRequest = false
  /** Nothing more goes either way, and nobody is told. */
  #isFrozen = false
  /** Cuts what carries nothing for so long. */
  idleMs: number | null = null
  /** Connections so far. */
  count = 0
  /** Pieces that clients have sent so far. */
  sent = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
  }

  static async before(url: string): Promise<Proxy> {
    const { hostname, port } = new URL(url)
    const server = createServer()
    const proxy = new Proxy(server)
    server.on('connection', client =>
      proxy.#join(client, createConnection(Number(port), hostname), `${hostname}:${port}`),
    )
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve)
    })
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  freeze(): void {
    this.#isFrozen = true
    for (const socket of this.#sockets) socket.pause()
  }

  thaw(): void {
    this.#isFrozen = false
    for (const socket of this.#sockets) socket.resume()
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
  }

  #join(client: Socket, server: Socket, host: string): void {
    this.count += 1
    const destroy = (): void => {
      client.destroy()
      server.destroy()
    }
    let idle: NodeJS.Timeout | undefined
    const carried = (): void => {
      clearTimeout(idle)
      if (this.idleMs !== null) idle = setTimeout(destroy, this.idleMs)
    }
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        clearTimeout(idle)
        if (!this.#isFrozen) destroy()
      })
    }
    client.on('data', piece => {
      this.sent += 1
      carried()
      if (this.loseRequest) {
        this.loseRequest = false
        destroy()
        return
      }
      // The server is asked under its own name.
      const text = piece.toString('latin1')
      const isHead = text.startsWith('GET ')
      server.write(isHead ? Buffer.from(text.replace(/^Host: .*$/im, `Host: ${host}`), 'latin1') : piece)
    })
    server.on('data', piece => {
      carried()
      if (this.loseAnswer) {
        this.loseAnswer = false
        destroy()
        return
      }
      client.write(piece)
    })
    carried()
  }
}
