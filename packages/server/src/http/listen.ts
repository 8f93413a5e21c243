import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { InputError } from '@holdfast/engine'
import { BadTokens } from '../tokens/bad-tokens.ts'
import { PageSessions } from '../tokens/page-sessions.ts'
import { TokenStore } from '../tokens/token-store.ts'
import { AllowedHosts, isLoopback } from './allowed-hosts.ts'
import { httpApp } from './app.ts'
import { Lasting } from './lasting.ts'
import type { HttpParts } from './parts.ts'

/** Connections at once, and of one address. */
const CONNECTIONS_MAX = 1_024
const CONNECTIONS_OF_PEER_MAX = 512

/** How long the head of a request, and all of it, may take to come. */
const HEAD_WITHIN_MS = 10_000
const REQUEST_WITHIN_MS = 30_000
const HEAD_BYTES_MAX = 16 * 1024

/** How long a door that closes waits for what is being answered. */
const SETTLE_MS = 5_000

export interface HttpListen {
  /** `HOST:PORT`; the port 0 takes any that is free. */
  readonly listen: string
  /** Lets it listen where others than this host reach it, without TLS in front. */
  readonly insecure?: boolean | undefined
  /** Names under which a proxy in front is asked. */
  readonly hostNames?: readonly string[] | undefined
  /** The folder of the page; absent: none is built. */
  readonly page?: string | undefined
  readonly metrics?: (() => Promise<string>) | undefined
  /** Why this ledger is meant, and what regions are relative to. */
  readonly place?: HttpParts['place'] | undefined
  /** How long the head of a request may take; for tests. */
  readonly headWithinMs?: number | undefined
}

type Given = Pick<HttpParts, 'url' | 'ledgers' | 'closing' | 'timers' | 'log' | 'version' | 'slowReaderMs' | 'replaced'>

/** Reads `HOST:PORT` and `[ADDRESS]:PORT`. Throws an `InputError`, also for a place that others reach. */
export function listenPlace({ listen, insecure = false }: HttpListen): {
  readonly host: string
  readonly port: number
} {
  const {
    bare,
    bracketed,
    port: digits,
  } = /^(?:\[(?<bracketed>[\da-f:.]+)\]|(?<bare>[^:\s]+)):(?<port>\d{1,5})$/i.exec(listen)?.groups ?? {}
  const host = bracketed ?? bare
  const port = Number(digits)
  if (host === undefined || !(port <= 65_535)) {
    throw new InputError([{ path: 'listen', message: `${JSON.stringify(listen)} is no place; write 127.0.0.1:7878` }])
  }
  if (insecure || isLoopback(host)) return { host, port }
  const message = `${host} can be reached from other hosts, and tokens would go over the wire as they are; listen at 127.0.0.1 behind a proxy that has TLS, or say --insecure-listen`
  throw new InputError([{ path: 'listen', message }])
}

/** The HTTP door, open. */
export class HttpDoor {
  readonly #server: Server
  readonly #sessions: PageSessions
  readonly #place: { readonly host: string; readonly port: number }

  private constructor(server: Server, sessions: PageSessions, place: { readonly host: string; readonly port: number }) {
    this.#server = server
    this.#sessions = sessions
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
      place: options.place ?? { why: 'option', root: '/' },
      page: options.page ?? null,
      metrics: options.metrics ?? null,
    }
    const serverOptions = {
      headersTimeout: options.headWithinMs ?? HEAD_WITHIN_MS,
      requestTimeout: REQUEST_WITHIN_MS,
      maxHeaderSize: HEAD_BYTES_MAX,
      connectionsCheckingInterval: Math.min(1_000, options.headWithinMs ?? HEAD_WITHIN_MS),
    }
    // It makes a server of HTTP 1 unless it is told otherwise.
    const server = createAdaptorServer({ fetch: httpApp(parts).fetch, serverOptions }) as Server
    server.maxConnections = CONNECTIONS_MAX
    boundPeers(server)
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
    return new HttpDoor(server, sessions, { host, port: bound })
  }

  /** The address of the page and of everything else. */
  get url(): string {
    const { host, port } = this.#place
    const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
    return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
  }

  /** An address that opens the page once, with the rights of the store's owner. */
  newPageAddress(): string {
    return `${this.url}/open?code=${this.#sessions.newCode(Date.now())}`
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
