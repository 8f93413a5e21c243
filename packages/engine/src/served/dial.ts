import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { StoreError, type StoreErrorCode } from '@holdfast/store'
import type { Timers } from '../clock/timers.ts'
import { LinkLost } from './link-lost.ts'

/** What a connection is upgraded to: frames, as over the socket. */
export const UPGRADE = 'holdfast'

/** Characters of a refusal that are read. */
const REFUSAL_LENGTH_MAX = 64 * 1024

/** How long a socket may carry nothing before the system asks whether the other side is there. */
const KEEP_ALIVE_MS = 15_000

interface Dialled {
  /** Without a slash at its end. */
  readonly url: string
  readonly ledger: string
  readonly token: string
  readonly timers: Timers
  readonly withinMs: number
}

/**
 * A socket to a server by HTTP, over which frames go. Rejects with `LinkLost` where nobody answers or the server cannot take it
 * now, and with a `StoreError` where asking again is of no use: a token that is not good, a right that lacks, no such ledger.
 */
export async function dialServer({ url, ledger, token, timers, withinMs }: Dialled): Promise<Socket> {
  const { request } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  const asked = request(`${url}/v1/ledgers/${encodeURIComponent(ledger)}/connect`, {
    // A connection of its own, which belongs to nobody else afterwards.
    agent: false,
    headers: { Authorization: `Bearer ${token}`, Connection: 'Upgrade', Upgrade: UPGRADE },
  })
  let cancel: () => void = () => {}
  try {
    return await new Promise<Socket>((resolve, reject) => {
      cancel = timers.after(withinMs, () => reject(new LinkLost(`${url} did not answer in time`)), { background: true })
      asked.on('error', error => reject(new LinkLost(error.message, { cause: error })))
      asked.on('upgrade', (response, socket: Socket, head) => {
        if (response.headers.upgrade?.toLowerCase() !== UPGRADE) {
          socket.destroy()
          reject(new LinkLost(`${url} speaks something else`))
          return
        }
        socket.setTimeout(0)
        socket.setNoDelay(true)
        socket.setKeepAlive(true, KEEP_ALIVE_MS)
        if (head.length > 0) socket.unshift(head)
        resolve(socket)
      })
      asked.on('response', response => {
        refusal(response, url).then(reject, reject)
      })
      asked.end()
    })
  } catch (error) {
    asked.on('error', () => {})
    asked.destroy()
    throw error
  } finally {
    cancel()
  }
}

/** Why a server has not taken a connection. */
async function refusal(response: IncomingMessage, url: string): Promise<Error> {
  const { statusCode = 0 } = response
  const { code, detail } = problemIn(await textOf(response))
  const said = detail ?? `It answered ${statusCode}.`
  const about = `The server at ${url} did not take the connection. ${said}`
  if (statusCode === 401 || statusCode === 403) return new StoreError('invalid', about, { detail: code ?? 'forbidden' })
  const known = CODES.find(one => one === code)
  if (known !== undefined) return new StoreError(known, about)
  // It ends, is busy, or tells us to slow down: later it may.
  if (statusCode === 429 || statusCode >= 500) return new LinkLost(about)
  const what = statusCode === 404 || statusCode === 426 || statusCode < 400
  const hint = what
    ? ' Is it a server of Holdfast (`holdfast serve --listen`), of a version that takes connections?'
    : ''
  return new StoreError('unavailable', `${about}${hint}`, { detail: code ?? 'not-a-server' })
}

const CODES: readonly StoreErrorCode[] = [
  'no-ledger',
  'corrupt',
  'foreign',
  'ledger-newer',
  'moved',
  'backup',
  'invalid',
]

function textOf(response: IncomingMessage): Promise<string> {
  return new Promise(resolve => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (piece: string) => {
      text += piece
      // Whoever says so much says something else.
      if (text.length > REFUSAL_LENGTH_MAX) response.destroy()
    })
    response.on('error', () => {})
    response.on('close', () => resolve(text))
  })
}

function problemIn(text: string): { readonly code?: string; readonly detail?: string } {
  try {
    const given: unknown = JSON.parse(text)
    if (typeof given !== 'object' || given === null) return {}
    const code = 'code' in given ? given.code : undefined
    const detail = 'detail' in given ? given.detail : undefined
    return {
      ...(typeof code === 'string' ? { code: code.slice(0, 64) } : {}),
      ...(typeof detail === 'string' ? { detail: detail.slice(0, 1_000) } : {}),
    }
  } catch {
    return {}
  }
}
