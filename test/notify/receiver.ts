import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Notice } from '@holdfast/server'
import { expect } from 'vitest'

interface Arrived {
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly notice: Notice
}

type Answer = (response: ServerResponse) => void

/** A webhook of this machine that keeps what arrives. */
export class Receiver implements AsyncDisposable {
  readonly arrived: Arrived[] = []
  answer: Answer = response => response.writeHead(204).end()
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(): Promise<Receiver> {
    const server = createServer()
    const receiver = new Receiver(server)
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const pieces: Buffer[] = []
      request.on('data', (piece: Buffer) => pieces.push(piece))
      request.on('end', () => {
        const body = Buffer.concat(pieces).toString()
        receiver.arrived.push({ headers: request.headers, body, notice: Notice.parse(JSON.parse(body)) })
        receiver.answer(response)
      })
    })
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve)
    })
    return receiver
  }

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('it listens at a port')
    return `http://127.0.0.1:${address.port}/hooks/hidden-path`
  }

  /** What rules were told, without repeats. */
  get told(): readonly string[] {
    return [...new Map(this.arrived.map(({ notice }) => [notice.id, `${notice.rule}: ${notice.on}`])).values()]
  }

  async has(count: number, withinMs = 8_000): Promise<void> {
    await expect.poll(() => this.arrived.length, { timeout: withinMs, interval: 10 }).toBeGreaterThanOrEqual(count)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

/** As a receiver checks it, from what arrived and the shared secret alone. */
export function isSigned({ headers, body }: Arrived, key: Buffer | string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': atS, 'webhook-signature': signature } = headers
  if (Math.abs(Date.now() / 1000 - Number(atS)) > 300) return false
  const expected = createHmac('sha256', key)
    .update(`${String(id)}.${String(atS)}.${body}`)
    .digest('base64')
  return signature === `v1,${expected}`
}
