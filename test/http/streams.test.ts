import { createConnection, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HttpScene } from './http-scene.ts'

let at: HttpScene
/** What the server warns of. */
const warnings: string[] = []
beforeAll(async () => {
  at = await HttpScene.make(
    {},
    {
      slowReaderMs: 1_000,
      log: { info: () => {}, error: () => {}, warn: (_fields, message) => warnings.push(message) },
    },
  )
})
afterAll(() => at[Symbol.asyncDispose]())

/** A stream of events, read as it comes. */
class Events implements Disposable {
  readonly socket: Socket
  text = ''

  constructor(path: string, headers: Record<string, string> = {}) {
    const { hostname, port, host } = new URL(at.url)
    this.socket = createConnection(Number(port), hostname)
    const lines = { Host: host, Authorization: `Bearer ${at.owner}`, Accept: 'text/event-stream', ...headers }
    const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`)
    this.socket.write(`GET /v1/ledgers/default/${path} HTTP/1.1\r\n${head.join('')}\r\n`)
    this.socket.on('data', (piece: Buffer) => (this.text += piece.toString()))
    this.socket.on('error', () => {})
  }

  get ids(): readonly number[] {
    return [...this.text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}

describe('a stream of events', () => {
  it('goes on after the last id: nothing is missing, nothing comes twice', async () => {
    const leases = ['a', 'b', 'c']
    using first = new Events('log?from=0')
    for (const lane of leases) await at.post('acquire', { lane, holder: 'ann' })
    await expect.poll(() => first.ids).toEqual([0, 1, 2, 3])
    first.socket.destroy()
    await at.post('acquire', { lane: 'd', holder: 'ann' })
    using second = new Events('log', { 'Last-Event-ID': '2' })
    await expect.poll(() => second.ids).toEqual([3, 4])
    await at.post('acquire', { lane: 'e', holder: 'ann' })
    await expect.poll(() => second.ids).toEqual([3, 4, 5])
    expect((await at.get('log', { headers: { Accept: 'text/event-stream', 'Last-Event-ID': 'x' } })).status).toBe(422)
  })

  it('gives the live set as changes, and verdicts', async () => {
    using leases = new Events('leases')
    await expect.poll(() => leases.text).toContain('event: all')
    await at.post('acquire', { lane: 'live', holder: 'ann' })
    await expect.poll(() => leases.text).toMatch(/event: changes\ndata: .*"lane":"live"/)
    using verdicts = new Events('liveness')
    await expect.poll(() => verdicts.text).toMatch(/event: verdict\ndata: .*"lane":"live"/)
  })

  it('gives the log, the live set and the verdicts in one, and goes on after the last id of the log', async () => {
    const head = (await at.scene.open({ server: false })).head
    using all = new Events('follow', { 'Last-Event-ID': String(Number(head) - 1) })
    await expect.poll(() => all.text).toContain('event: all')
    await at.post('acquire', { lane: 'follow', holder: 'ann' })
    await expect.poll(() => all.text).toMatch(/event: verdict\ndata: .*"lane":"follow"/)
    expect(all.text).toMatch(/event: changes\ndata: .*"lane":"follow"/)
    expect(all.ids.slice(0, 2)).toEqual([Number(head), Number(head) + 1])
    expect((await at.get('follow?from=x')).status).toBe(422)
  })

  it('is cut where its reader takes nothing, and others go on', async () => {
    using slow = new Events('log?from=0')
    await expect.poll(() => slow.text).toContain('id: 0')
    slow.socket.pause()
    // Whoever is cut has a while for the reason: it reads on as soon as that is told.
    const cut = expect.poll(() => warnings, { timeout: 30_000 }).toEqual(['a reader was cut'])
    const resumed = cut.then(() => slow.socket.resume())
    const ledger = await at.scene.open({ server: false })
    const command = 'c'.repeat(4_000)
    await Promise.all(Array.from({ length: 2_000 }, () => ledger.halt({ handle: 'h', command })))
    const head = String(ledger.head)
    using quick = new Events('log', { 'Last-Event-ID': '1' })
    await expect.poll(() => quick.text.includes(`id: ${head}\n`), { timeout: 10_000 }).toBe(true)
    await resumed
    await expect.poll(() => slow.text.includes('event: cut'), { timeout: 10_000 }).toBe(true)
    expect(slow.text.slice(-200)).toMatch(/event: cut\ndata: .*took nothing/)
    const last = slow.ids.at(-1) ?? 0
    using again = new Events('log', { 'Last-Event-ID': String(last) })
    await expect.poll(() => again.ids[0]).toBe(last + 1)
  })
})
