import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { BadTokens } from '../tokens/bad-tokens.ts'
import { PageSessions } from '../tokens/page-sessions.ts'
import type { Right } from '../tokens/rights.ts'
import { TokenStore } from '../tokens/token-store.ts'
import type { Door } from '../door.ts'
import { AllowedHosts } from './allowed-hosts.ts'
import { httpApp } from './app.ts'
import { takeConnections, wantsConnection } from './connect.ts'
import { Lasting } from './lasting.ts'
import { listenPlace, type HttpListen } from './listen-place.ts'
import type { HttpParts } from './parts.ts'

/** Connections at once, and of one address. */
const CONNECTIONS_MAX = 1_024
const CONNECTIONS_OF_PEER_MAX = 512

/** How long the head of a request, and all of it, may take to come. */
const HEAD_WITHIN_MS = 10_000
const REQUEST_WITHIN_MS = 30_000

/** How long an answer may take to be read. */
const TAKE_WITHIN_MS = 30_000
const HEAD_BYTES_MAX = 16 * 1024

/** How long a door that closes waits for what is being answered. */
const SETTLE_MS = 5_000

type Given = Pick<
  HttpParts,
  'url' | 'ledgers' | 'closing' | 'timers' | 'log' | 'version' | 'slowReaderMs' | 'replaced'
> & {
  /** Where connections go that speak frames. */
  readonly door: Pick<Door, 'accept'>
}

/** The HTTP door, open. */
export class HttpDoor {
  readonly #server: Server
  readonly #sessions: PageSessions
  readonly #place: { readonly host: string; readonly port: number }
  readonly #lasting: Lasting

  private constructor(
    server: Server,
    { sessions, lasting }: HttpParts,
    place: { readonly host: string; readonly port: number },
  ) {
    this.#server = server
    this.#sessions = sessions
    this.#lasting = lasting
    this.#place = place
  }

  /** Rejects with an `InputError` for a place that may not be listened at, and with the system's error. */
  static async open(given: Given, options: HttpListen): Promise<HttpDoor> {
    const { host, port } = listenPlace(options)
    const hosts = new AllowedHosts({ host, port, names: options.hostNames ?? [] })
    const sessions = new PageSessions()
    const parts: HttpParts = {
      ...given,
      hosts,
      sessions,
      tokens: new TokenStore(given.url),
      badTokens: new BadTokens(),
      lasting: new Lasting(given.timers),
      takeWithinMs: options.takeWithinMs ?? TAKE_WITHIN_MS,
      place: options.place ?? { why: 'option', root: '/' },
      page: options.page ?? null,
      metrics: options.metrics ?? null,
      mcp: options.mcp ?? null,
      hooks: options.hooks ?? null,
    }
    const serverOptions = {
      headersTimeout: options.headWithinMs ?? HEAD_WITHIN_MS,
      requestTimeout: REQUEST_WITHIN_MS,
      maxHeaderSize: HEAD_BYTES_MAX,
      connectionsCheckingInterval: Math.min(1_000, options.headWithinMs ?? HEAD_WITHIN_MS),
      shouldUpgradeCallback: wantsConnection,
    }
    // It makes a server of HTTP 1 unless it is told otherwise.
    const server = createAdaptorServer({ fetch: httpApp(parts).fetch, serverOptions }) as Server
    server.maxConnections = CONNECTIONS_MAX
    boundPeers(server)
    takeConnections(server, { ...parts, door: given.door, silentMs: options.silentMs })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => resolve())
    })
    server.removeAllListeners('error')
    server.on('error', error => given.log.error({ err: error }, 'the HTTP listener fails'))
    const address = server.address()
    const bound = typeof address === 'object' && address !== null ? address.port : port
    hosts.listensAt(bound)
    given.log.info({ listen: `${host}:${bound}` }, 'listening for HTTP')
    return new HttpDoor(server, parts, { host, port: bound })
  }

  /** The address of the page and of everything else. */
  get url(): string {
    const { host, port } = this.#place
    const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
    return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
  }

  /** How many connections are open. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
    })
  }

  /** Requests that wait or follow a stream. */
  get lasting(): number {
    return this.#lasting.count
  }

  /** An address that opens the page once, with these rights; all unless told otherwise. */
  newPageAddress(can?: readonly Right[]): string {
    return `${this.url}/open?code=${this.#sessions.newCode(Date.now(), can)}`
  }

  /** Takes no more connections, waits for what is being answered, and ends. */
  async close(): Promise<void> {
    const ended = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    const late = setTimeout(() => this.#server.closeAllConnections(), SETTLE_MS)
    await ended
    clearTimeout(late)
  }
}

/** One address does not take the connections of all others. */
function boundPeers(server: Server): void {
  const counts = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? ''
    const count = (counts.get(peer) ?? 0) + 1
    if (count > CONNECTIONS_OF_PEER_MAX) {
      socket.destroy()
      return
    }
    counts.set(peer, count)
    socket.once('close', () => {
      const left = (counts.get(peer) ?? 1) - 1
      if (left === 0) counts.delete(peer)
      else counts.set(peer, left)
    })
  })
}
