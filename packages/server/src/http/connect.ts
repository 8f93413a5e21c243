import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { Socket } from 'node:net'
import { UPGRADE } from '@holdfast/engine/served'
import { StoreError } from '@holdfast/store'
import type { Door } from '../door.ts'
import { bearerIn, demand, notGranted } from './authenticate.ts'
import type { HttpParts } from './parts.ts'
import { Problem, problemOf, problemResponse } from './problem.ts'
import { TokenGate } from './token-gate.ts'

/** How long a socket may carry nothing before the system asks whether the other side is there. */
const KEEP_ALIVE_MS = 15_000

const PATH = /^\/v1\/ledgers\/(?<ledger>[^/?]+)\/connect$/

type ConnectParts = Pick<HttpParts, 'hosts' | 'tokens' | 'badTokens' | 'ledgers' | 'closing' | 'log' | 'replaced'> & {
  readonly door: Pick<Door, 'accept'>
  readonly silentMs?: number | undefined
}

/** Whether a request asks for a connection of ours. Every other wish to upgrade is passed over, as HTTP lets a server do. */
export function wantsConnection({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.trim().toLowerCase() === UPGRADE
}

/** Takes connections over which the frames of the socket go: `GET /v1/ledgers/{ledger}/connect` with `Upgrade: holdfast`. */
export function takeConnections(server: Server, parts: ConnectParts): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    connect(request, parts).then(
      accepted => {
        if (socket.destroyed || !(socket instanceof Socket)) {
          socket.destroy()
          return
        }
        socket.removeAllListeners('error')
        socket.setTimeout(0)
        socket.setNoDelay(true)
        socket.setKeepAlive(true, KEEP_ALIVE_MS)
        socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${UPGRADE}\r\n\r\n`)
        if (head.length > 0) socket.unshift(head)
        parts.door.accept(socket, accepted)
      },
      (error: unknown) => refuse(socket, error, parts).catch(() => socket.destroy()),
    )
  })
}

/** Who comes, and for which ledger. Rejects where the connection is not taken. */
async function connect(
  { url = '', method, headers, socket }: IncomingMessage,
  { hosts, tokens, badTokens, ledgers, closing, log, silentMs }: ConnectParts,
): Promise<{ readonly gate: TokenGate; readonly ledger: string }> {
  if (!hosts.isHost(headers.host)) {
    throw new Problem(421, 'wrong-host', 'This server is not asked under this name. Name it with --allow-host.')
  }
  // Only a browser sends these, and no page has a use for it.
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
    throw new Problem(403, 'wrong-origin', 'A page may not connect here.')
  }
  const named = method === 'GET' ? PATH.exec(url)?.groups?.['ledger'] : undefined
  const ledger = named === undefined ? null : decoded(named)
  if (ledger === null) {
    throw new Problem(404, 'not-found', 'Connect with GET /v1/ledgers/LEDGER/connect.')
  }
  const written = bearerIn(headers.authorization)
  const grantOf = () => {
    const checked = written === null ? null : tokens.check(written, Date.now())
    return checked?.good === true ? checked.token : null
  }
  const grant = grantOf()
  if (grant === null) {
    const peer = headers.authorization === undefined ? null : (socket.remoteAddress ?? 'unknown')
    throw notGranted(peer, { badTokens, log })
  }
  // Whoever decides has to know the ledger, so that each connection reads.
  demand(grant, { rights: ['read'], ledger })
  if (closing.aborted) throw new Problem(503, 'closing', 'The server ends. Ask again.')
  await ledgers.of(ledger)
  return { gate: new TokenGate(ledger, { grantOf, silentMs }), ledger }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

async function refuse(socket: Duplex, error: unknown, { log, replaced }: ConnectParts): Promise<void> {
  const problem = problemOf(error)
  if (problem.status === 500) log.error({ err: error }, 'a connection was not taken')
  if (error instanceof StoreError && error.detail === 'replaced') replaced(error)
  const { status, message, code, more, headers } = problem
  const response = problemResponse(status, message, { code, ...more }, headers)
  const body = await response.text()
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...[...response.headers].filter(([name]) => name !== 'connection').map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}
