import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { systemTimers, type Ledger } from '@holdfast/engine'
import { dialServer, encodeFrame, FRAME_BYTES_MAX, FrameReader, PROTOCOL, ServerLink } from '@holdfast/engine/served'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { holding } from '../engine/harness/holding.ts'
import { ALL } from '../http/http-scene.ts'
import { RemoteScene } from './remote-scene.ts'

let at: RemoteScene
beforeAll(async () => {
  at = await RemoteScene.make({ silentMs: 2_000 })
})
afterAll(() => at[Symbol.asyncDispose]())

/** Types of the events of a lane. */
async function typesOf(lane: string): Promise<readonly string[]> {
  const all = await at.http.scene.log()
  return all.flatMap(({ type, ...entry }) =>
    'data' in entry && 'lane' in entry.data && entry.data.lane === lane ? [type] : [],
  )
}

describe('a connection that is lost', () => {
  const asked: readonly (readonly [string, (ledger: Ledger, token: number) => Promise<object>, object])[] = [
    ['RELEASE', (a, token) => a.release({ lane: 'RELEASE', holder: 'A', token }), { outcome: 'released' }],
    [
      'ADOPT',
      (a, token) => a.adopt({ lane: 'ADOPT', newHolder: 'B', expectToken: token, force: true }),
      { outcome: 'adopted' },
    ],
    ['SCAVENGE', (a, token) => a.scavenge({ lane: 'SCAVENGE', token, force: true }), { outcome: 'scavenged' }],
    ['HALT', a => a.halt({ handle: 'h', lane: 'HALT' }), { outcome: 'recorded' }],
    ['SPAWN', a => a.spawn({ lane: 'SPAWN', holder: 'A' }), { outcome: 'recorded' }],
  ]
  it.each(asked)(
    'between a %s and its answer: the repeat answers as the first would have, and it is done once',
    async (type, ask, answer) => {
      const proxy = await at.proxy()
      const a = await at.open({}, proxy.url)
      const granted = await a.acquire({ lane: type, holder: 'A' })
      if (granted.outcome !== 'granted') throw new Error(granted.outcome)
      proxy.loseAnswer = true
      expect(await ask(a, granted.lease.token)).toMatchObject(answer)
      expect(proxy.count).toBe(2)
      expect(await typesOf(type)).toEqual(['ACQUIRE', type])
    },
  )

  it('between a hold and its answer: it is granted once, and its guard opens after a beat alone', async () => {
    const proxy = await at.proxy()
    const a = await at.open({}, proxy.url)
    proxy.loseAnswer = true
    const held = await holding(a, { lane: 'lost-hold', holder: 'A' })
    expect(held.deadlineBootMs).toBe(Number.NEGATIVE_INFINITY)
    expect(await held.guard(token => token)).toBe(held.lease.token)
    expect((await typesOf('lost-hold')).slice(0, 2)).toEqual(['ACQUIRE', 'HEARTBEAT'])
    expect((await typesOf('lost-hold')).filter(type => type === 'ACQUIRE')).toHaveLength(1)
  })

  it('before the server has the command: it is decided as if it were the first', async () => {
    const proxy = await at.proxy()
    const a = await at.open({}, proxy.url)
    proxy.loseRequest = true
    expect(await a.acquire({ lane: 'lost-request', holder: 'A' })).toMatchObject({
      outcome: 'granted',
      repeated: false,
    })
    expect(await typesOf('lost-request')).toEqual(['ACQUIRE'])
  })

  it('and found by nobody again: what was sent is unknown, what was not is unavailable', async () => {
    const proxy = await at.proxy()
    const a = await at.open({ lockDeadlineMs: 500 }, proxy.url)
    proxy.loseAnswer = true
    const sent = a.acquire({ lane: 'nobody', holder: 'A' })
    await proxy.close()
    await expect(sent).rejects.toMatchObject({ code: 'timeout-unknown-outcome' })
    await expect(a.acquire({ lane: 'nobody', holder: 'A' })).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('while it waits in line: the place is given up, and taken again by the same request', async () => {
    const proxy = await at.proxy()
    const [owner, a] = [await at.open(), await at.open({}, proxy.url)]
    const held = await holding(owner, { lane: 'line', holder: 'O', ttl: '60s' })
    const refused: string[] = []
    const waited = a.acquire(
      { lane: 'line', holder: 'A' },
      { wait: '30s', onRefused: ({ code }) => refused.push(code) },
    )
    await expect.poll(() => refused.length).toBe(1)
    proxy.cut()
    await expect.poll(() => refused.length).toBeGreaterThan(1)
    await held.release()
    expect(await waited).toMatchObject({ outcome: 'granted', lease: { holder: 'A' } })
  })

  it('by a holder who asks for nothing: it hears on the next one what became of its lease meanwhile', async () => {
    const proxy = await at.proxy()
    const [owner, a] = [await at.open(), await at.open({}, proxy.url)]
    const held = await holding(a, { lane: 'deaf', holder: 'A', ttl: '60s' })
    proxy.freeze()
    await owner.scavenge({ lane: 'deaf', token: held.lease.token, force: true })
    proxy.cut()
    await expect.poll(() => held.signal.aborted).toBe(true)
    expect(held.signal.reason).toMatchObject({ code: 'scavenged' })
  })

  it('by a reader of the log: it goes on without a gap', async () => {
    const proxy = await at.proxy()
    const [owner, a] = [await at.open(), await at.open({}, proxy.url)]
    const seen: number[] = []
    const unlisten = a.listen(entries => seen.push(...entries.map(({ revision }) => revision)))
    await owner.spawn({ lane: 'gap', holder: 'A' })
    await expect.poll(() => seen.length).toBeGreaterThan(0)
    proxy.cut()
    await owner.spawn({ lane: 'gap', holder: 'A' })
    await expect.poll(() => seen.at(-1)).toBe(owner.head)
    unlisten()
    expect(seen).toEqual(seen.map((_, index) => (seen[0] ?? 0) + index))
  })
})

describe('a connection over which nothing goes any more, and nobody says so', () => {
  it('is noticed by the holder, whose guard counts from before the first sending: it does not open on a late answer', async () => {
    const proxy = await at.proxy()
    const a = await at.open({ lockDeadlineMs: 1_000 }, proxy.url)
    const held = await holding(a, { lane: 'half', holder: 'A', ttl: '1500ms' })
    expect(await held.guard(token => token)).toBe(held.lease.token)
    proxy.freeze()
    await expect.poll(() => held.isHeld, { timeout: 5_000 }).toBe(false)
    await expect(held.guard(token => token)).rejects.toThrow()
    proxy.thaw()
  })

  it('is noticed by the server: the place in the line is given up', async () => {
    const proxy = await at.proxy()
    const [owner, a] = [await at.open(), await at.open({}, proxy.url)]
    await owner.acquire({ lane: 'gone', holder: 'O', ttl: '60s' })
    const stop = new AbortController()
    const waited = a.acquire({ lane: 'gone', holder: 'A' }, { wait: '60s', signal: stop.signal }).catch(() => null)
    await expect.poll(async () => (await at.http.get('status')).json['waiting']).toBe(1)
    proxy.freeze()
    await expect.poll(async () => (await at.http.get('status')).json['waiting'], { timeout: 6_000 }).toBe(0)
    proxy.thaw()
    // It would ask again, and wait in line beside those of other tests.
    stop.abort()
    await waited
    await expect.poll(async () => (await at.http.get('status')).json['waiting']).toBe(0)
  })

  it('is kept open through a proxy that cuts what carries nothing', async () => {
    const proxy = await at.proxy()
    proxy.idleMs = 450
    const pace = { lookEveryMs: 1_000, silentLooksMax: 3, signEveryMs: 150, helloWithinMs: 2_000 }
    const a = await at.open({ pace } as never, proxy.url)
    // More signs than fit into the span after which it cuts.
    const { sent } = proxy
    await expect.poll(() => proxy.sent).toBeGreaterThan(sent + 4)
    expect(proxy.count).toBe(1)
    await a.spawn({ lane: 'idle', holder: 'A' })
    expect(proxy.count).toBe(1)
  })
})

describe('a token that is revoked', () => {
  it('ends its connection at once: waits, streams and holds; and no command is decided by it', async () => {
    const token = at.http.token({ name: 'short', can: [...ALL] })
    const [owner, a] = [await at.open(), await at.open({ token, lockDeadlineMs: 1_000 })]
    await holding(owner, { lane: 'revoked', holder: 'O', ttl: '60s' })
    const held = await holding(a, { lane: 'own', holder: 'A', ttl: '60s' })
    const waited = a.acquire({ lane: 'revoked', holder: 'A' }, { wait: '60s' }).catch((error: unknown) => error)
    const streamed = new Promise<unknown>(resolve => void a.liveLeases$.subscribe({ error: resolve }))
    await expect.poll(async () => (await at.http.get('status')).json['waiting']).toBe(1)
    expect(at.http.tokens.revoke('short')).toBe(true)
    await expect(a.spawn({ lane: 'too-late', holder: 'A' })).rejects.toMatchObject({
      code: expect.stringMatching(/invalid|unknown/) as string,
    })
    expect(await typesOf('too-late')).toEqual([])
    expect(await waited).toBeInstanceOf(Error)
    expect(await streamed).toMatchObject({ code: 'invalid', detail: 'bad-token' })
    await expect(held.beat()).rejects.toBeInstanceOf(Error)
    await expect.poll(async () => (await at.http.get('status')).json['waiting']).toBe(0)
  })

  it('is granted nothing that it waited for, also where the lane is free before anybody looks', async () => {
    const token = at.http.token({ name: 'waiter', can: [...ALL] })
    const [owner, a] = [await at.open(), await at.open({ token, lockDeadlineMs: 500 })]
    const held = await holding(owner, { lane: 'freed', holder: 'O', ttl: '60s' })
    const refused: string[] = []
    const waited = a.acquire(
      { lane: 'freed', holder: 'A' },
      { wait: '60s', onRefused: ({ code }) => refused.push(code) },
    )
    await expect.poll(() => refused.length).toBe(1)
    at.http.tokens.revoke('waiter')
    await held.release()
    await expect(waited).rejects.toBeInstanceOf(Error)
    expect((await typesOf('freed')).filter(type => type === 'ACQUIRE')).toHaveLength(1)
    // Its place keeps nobody out.
    expect((await owner.acquire({ lane: 'freed', holder: 'O' }, { wait: '2s' })).outcome).toBe('granted')
  })
})

describe('whoever asks to be connected', () => {
  const path = '/v1/ledgers/default/connect'
  const upgrade = { Connection: 'Upgrade', Upgrade: 'holdfast' }
  const bearer = () => ({ Authorization: `Bearer ${at.http.owner}` })
  const refusals: readonly (readonly [string, () => Promise<{ readonly status: number }>, number])[] = [
    ['without a token', () => at.http.ask(path, { headers: upgrade }), 401],
    [
      'with a bad one',
      () => at.http.ask(path, { headers: { ...upgrade, Authorization: `Bearer holdfast.owner.${'A'.repeat(43)}` } }),
      401,
    ],
    [
      'under another name',
      () => at.http.ask(path, { headers: { ...upgrade, ...bearer(), Host: 'evil.example' } }),
      421,
    ],
    ['from a page', () => at.http.ask(path, { headers: { ...upgrade, ...bearer(), Origin: at.http.url } }), 403],
    [
      'from a page, by its fetch',
      () => at.http.ask(path, { headers: { ...upgrade, ...bearer(), 'Sec-Fetch-Site': 'same-origin' } }),
      403,
    ],
    [
      'with the cookie of the page',
      () => at.http.ask(path, { headers: { ...upgrade, Cookie: 'holdfast_session=x' } }),
      401,
    ],
    ['elsewhere', () => at.http.ask('/v1/leases', { headers: { ...upgrade, ...bearer() } }), 404],
    [
      'for a ledger that is not there',
      () => at.http.ask('/v1/ledgers/none/connect', { headers: { ...upgrade, ...bearer() } }),
      404,
    ],
  ]
  it.each(refusals)('%s is refused', async (_who, ask, status) => {
    expect((await ask()).status).toBe(status)
  })

  it('for something else than Holdfast is answered as if that had not been said', async () => {
    const answer = await at.http.ask('/healthz', { headers: { Connection: 'Upgrade', Upgrade: 'h2c' } })
    expect(answer.status).toBe(200)
  })

  /** What a server says last before it ends the connection. */
  async function saying(...frames: readonly Buffer[]): Promise<unknown> {
    const { hostname, port } = new URL(at.http.url)
    const socket: Socket = connect(Number(port), hostname)
    const head = [
      `GET ${path} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      'Connection: Upgrade',
      'Upgrade: holdfast',
      `Authorization: ${bearer().Authorization}`,
    ]
    // In one piece: what comes behind the head is not lost.
    socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), ...frames]))
    const reader = new FrameReader()
    const heard: unknown[] = []
    let isUpgraded = false
    await new Promise<void>(resolve => {
      socket.on('error', () => {})
      socket.on('close', () => resolve())
      socket.on('data', piece => {
        const end = isUpgraded ? 0 : piece.indexOf('\r\n\r\n') + 4
        isUpgraded = true
        heard.push(...reader.read(piece.subarray(end)))
      })
    })
    return heard.at(-1)
  }
  const hello = encodeFrame({ hello: PROTOCOL, ledger: 'default', actor: null })

  it('and then says what is too long, unknown, or for another ledger loses this connection alone', async () => {
    const good = await at.open()
    const length = Buffer.alloc(4)
    length.writeUInt32BE(FRAME_BYTES_MAX + 1)
    const many = Array.from({ length: 70 }, (_, id) => encodeFrame({ id, do: 'follow', stream: 'leases' }))
    const said = await Promise.all([
      saying(length),
      saying(hello, encodeFrame({ id: 1, do: 'rm' })),
      saying(encodeFrame({ hello: PROTOCOL, ledger: 'other', actor: null })),
      saying(encodeFrame({ hello: 99, ledger: 'default', actor: null })),
      saying(hello, ...many),
    ])
    const reasons = ['a frame of', 'not known', 'not for the ledger', 'protocol', 'requests last']
    expect(said).toEqual(reasons.map(reason => ({ bye: expect.stringContaining(reason) as string })))
    expect((await good.spawn({ lane: 'good', holder: 'A' })).outcome).toBe('recorded')
  })

  it('has no line told by a server, which is for who may open the store: that is refused, and nothing is recorded', async () => {
    const token = at.http.token({ name: 'teller', can: [...ALL] })
    const dialled = { url: at.http.url, ledger: 'default', token, timers: systemTimers, withinMs: 2_000 }
    const link = await ServerLink.connect(() => dialServer(dialled), {
      hello: { ledger: 'default', actor: null },
      timers: systemTimers,
    })
    const command = { type: 'release', commandId: randomUUID(), lane: 'told', holder: 'A', token: 1 }
    const acquired = { type: 'acquire', commandId: randomUUID(), holder: 'A', claims: [{ lane: 'told' }] }
    const about = { words: [command.type, 'told'], place: {}, at: { store: 'x', why: 'option', root: '/' } }
    for (const told of [command, acquired]) {
      await expect(link.tell(told as never, 'none', about)).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining('at its socket alone') as string,
      })
    }
    expect(link.isLost).toBe(false)
    expect(await typesOf('told')).toEqual([])
    link.close()
  })

  it('has commands of its own ids alone: another token that sends the same id is another command', async () => {
    const other = at.http.token({ name: 'same-id', can: [...ALL] })
    const linkBy = (token: string): Promise<ServerLink> => {
      const dialled = { url: at.http.url, ledger: 'default', token, timers: systemTimers, withinMs: 2_000 }
      return ServerLink.connect(() => dialServer(dialled), {
        hello: { ledger: 'default', actor: null },
        timers: systemTimers,
      })
    }
    const links = [await linkBy(at.http.owner), await linkBy(at.http.owner), await linkBy(other)]
    const command = { type: 'spawn', commandId: randomUUID(), lane: 'same', holder: 'A', process: null, reason: '' }
    for (const link of links) {
      expect((await link.submit(command as never, undefined, 'none')).ok).toMatchObject({ outcome: 'recorded' })
    }
    // Twice by one token, once by the other.
    expect(await typesOf('same')).toEqual(['SPAWN', 'SPAWN'])
    for (const link of links) link.close()
  })
})

describe('a server that ends', () => {
  it('is found again at its address: its clients go on, and its holders keep their leases', async () => {
    await using mine = await RemoteScene.make()
    const { port } = new URL(mine.http.url)
    const a = await mine.open({}, mine.http.url)
    const held = await holding(a, { lane: 'x', holder: 'A', ttl: '60s' })
    await mine.http.scene.stop()
    const beaten = held.beat()
    await mine.http.scene.serve({ http: { listen: `127.0.0.1:${port}` } })
    await beaten
    expect(await held.guard(token => token)).toBe(held.lease.token)
  })
})
