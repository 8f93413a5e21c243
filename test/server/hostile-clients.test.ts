import { createConnection, type Socket } from 'node:net'
import { systemTimers, type Timers } from '@holdfast/engine'
import { encodeFrame, FrameReader, HELLO_WITHIN_MS, PROTOCOL } from '@holdfast/engine/served'
import { describe, expect, it } from 'vitest'
import { Scene } from './scene.ts'

const COMMAND_ID = 'a3bb189e-8bf9-4c4b-9ae0-0d4d8f6a3f0e'

/** A connection that says whatever it likes, and what it is told. */
class RawClient implements Disposable {
  readonly told: unknown[] = []
  readonly socket: Socket

  constructor(path: string) {
    this.socket = createConnection(path)
    const reader = new FrameReader()
    this.socket.on('data', piece => this.told.push(...reader.read(piece)))
    this.socket.on('error', () => {})
  }

  static async greeted(path: string): Promise<RawClient> {
    const client = new RawClient(path)
    client.say({ hello: PROTOCOL, ledger: 'default', actor: null })
    await expect.poll(() => client.told.length).toBe(1)
    return client
  }

  say(message: object): void {
    this.socket.write(encodeFrame(message))
  }

  sayText(text: string): void {
    const frame = Buffer.alloc(4 + Buffer.byteLength(text))
    frame.writeUInt32BE(frame.length - 4, 0)
    frame.write(text, 4)
    this.socket.write(frame)
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}

const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`

describe('what a parser or a frame cannot take ends or fails its own request, and others notice nothing', () => {
  const hostile: readonly (readonly [string, string, object])[] = [
    [
      'a question that is nested 100,000 deep',
      `{"id":1,"do":"ask","question":"status","about":{"a":${deep}}}`,
      { bye: 'a request that cannot be read' },
    ],
    [
      'a command that is nested 100,000 deep',
      `{"id":1,"do":"submit","sentAfter":0,"command":{"type":"heartbeat","commandId":"${COMMAND_ID}","lane":"x","holder":"a","token":1,"metadata":{"a":${deep}}}}`,
      { id: 1, error: { code: 'unexpected' } },
    ],
    [
      'a type whose complaint fits no frame',
      `{"id":1,"do":"submit","sentAfter":0,"command":{"type":"${'\\u0001'.repeat(170_000)}"}}`,
      { id: 1, error: { code: 'invalid' } },
    ],
    [
      'more faults than fit a frame',
      `{"id":1,"do":"submit","sentAfter":0,"command":{"type":"acquire","commandId":"${COMMAND_ID}","holder":"a","claims":[${Array(20_000).fill('{}').join()}]}}`,
      { id: 1, error: { code: 'invalid-input' } },
    ],
    [
      'a prototype',
      `{"id":1,"do":"submit","sentAfter":0,"__proto__":{"do":"wait"},"command":{"__proto__":{"type":"acquire"},"type":"constructor"}}`,
      { id: 1, error: { code: 'invalid' } },
    ],
  ]
  it.each(hostile)('%s', async (_what, text, answer) => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    const other = await scene.open()
    using client = await RawClient.greeted(server.socket)
    client.sayText(text)
    await expect.poll(() => client.told[1], { timeout: 5_000 }).toMatchObject(answer)
    expect(JSON.stringify(client.told[1])).not.toContain('    at ')
    expect(await other.acquire({ lane: 'y', holder: 'B' })).toMatchObject({ outcome: 'granted' })
    expect(server.connections).toBeGreaterThan(0)
  })

  it('the same command twice at once is decided once, and what others have asked for beside it goes on', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    const other = await scene.open()
    using client = await RawClient.greeted(server.socket)
    const command = { type: 'halt', commandId: COMMAND_ID, handle: 'h' }
    const asked = { do: 'submit', sentAfter: 0, command }
    client.socket.cork()
    client.say({ id: 1, ...asked })
    client.say({ id: 2, ...asked })
    client.socket.uncork()
    const beside = Array.from({ length: 10 }, (_, index) => other.acquire({ lane: `l${index}`, holder: 'B' }))
    for (const outcome of await Promise.all(beside)) expect(outcome).toMatchObject({ outcome: 'granted' })
    await expect.poll(() => client.told.length).toBe(3)
    expect(client.told.slice(1)).toMatchObject([{ ok: { outcome: 'recorded' } }, { ok: { outcome: 'recorded' } }])
    expect((await scene.types()).filter(type => type === 'HALT')).toEqual(['HALT'])
  })

  it('a connection that ends and does not read what was said last is cut all the same', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    const ledger = await scene.open({ server: false })
    await fill(ledger)
    using client = await RawClient.greeted(server.socket)
    client.socket.pause()
    const closed = new Promise(resolve => client.socket.once('close', resolve))
    for (let id = 1; id < 30; id += 1) client.say({ id, do: 'ask', question: 'log', about: { last: 100 } })
    await expect.poll(() => server.connections, { timeout: 5_000 }).toBe(0)
    // What it has not taken within a second is not kept for it.
    await new Promise(resolve => setTimeout(resolve, 1_200))
    client.socket.resume()
    await closed
    expect(client.told.length).toBeLessThan(15)
  })
})

it('a hello that lies in the socket when its time is over counts: the server was late', async () => {
  await using scene = await Scene.make()
  const inTime: (() => void)[] = []
  const timers: Timers = {
    after(spanMs, run, options) {
      if (spanMs === HELLO_WITHIN_MS && options?.background === true) inTime.push(run)
      return systemTimers.after(spanMs, run, options)
    },
  }
  const server = await scene.serve({ timers })
  using client = new RawClient(server.socket)
  await expect.poll(() => server.connections).toBe(1)
  setTimeout(() => {
    client.say({ hello: PROTOCOL, ledger: 'default', actor: null })
    for (const run of inTime) run()
  }, 1)
  await expect.poll(() => client.told).toMatchObject([{ hello: PROTOCOL }])
})

describe('a stream', () => {
  it('gives events that are larger than a frame together in pieces that fit', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    await fill(await scene.open({ server: false }))
    using client = await RawClient.greeted(server.socket)
    client.say({ id: 1, do: 'follow', stream: 'events' })
    await expect.poll(() => JSON.stringify(client.told).split('xxxx"').length, { timeout: 5_000 }).toBe(401)
    expect(JSON.stringify(client.told)).not.toContain('"error"')
  })

  it('is cut for a reader that takes nothing, whatever else it is told meanwhile', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve({ slowReaderMs: 300 })
    await fill(await scene.open({ server: false }))
    using client = await RawClient.greeted(server.socket)
    client.socket.pause()
    client.say({ id: 1, do: 'follow', stream: 'events' })
    // Each sign of life that it asks for waits behind the stream.
    const pinging = setInterval(() => client.say({ ping: 1 }), 20)
    await new Promise(resolve => setTimeout(resolve, 1_500))
    clearInterval(pinging)
    client.socket.resume()
    await expect.poll(() => JSON.stringify(client.told.slice(-100))).toContain('slow-reader')
  })
})

/** 1.6 MB of events. */
async function fill(ledger: Awaited<ReturnType<Scene['open']>>): Promise<void> {
  const reason = 'x'.repeat(4_000)
  await Promise.all(Array.from({ length: 400 }, (_, index) => ledger.spawn({ lane: `l${index}`, holder: 'A', reason })))
}
