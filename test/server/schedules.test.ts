import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { openLedger, systemTimers, thisProcess, type Ledger } from '@holdfast/engine'
import {
  encodeFrame,
  FRAME_BYTES_MAX,
  FrameReader,
  IN_FLIGHT_MAX,
  LinkLost,
  PROTOCOL,
  ServerLink,
} from '@holdfast/engine/served'
import { verifyLedger } from '@holdfast/projections'
import { ServerThere } from '@holdfast/server'
import { describe, expect, it } from 'vitest'
import { Scene } from './scene.ts'

const link = (path: string): Promise<ServerLink> =>
  ServerLink.connect(path, { hello: { ledger: 'default', actor: null }, timers: systemTimers })

describe('a command whose answer is lost', () => {
  it('is an acquire: the repeat at the file answers with the grant, marked as repeated, and one ACQUIRE stands in the log', async () => {
    await using scene = await Scene.make()
    const door = await scene.lossy(await scene.serve())
    const ledger = await scene.open({ server: door.find })
    door.loseAnswers = true
    expect(await ledger.acquire({ lane: 'x', holder: 'A' })).toMatchObject({ outcome: 'granted', repeated: true })
    expect(await scene.types()).toEqual(['ACQUIRE'])
  })

  it('is a hold: its guard opens only after a beat', async () => {
    await using scene = await Scene.make()
    const door = await scene.lossy(await scene.serve())
    const ledger = await scene.open({ server: door.find })
    door.loseAnswers = true
    const asked = await ledger.hold({ lane: 'x', holder: 'A' })
    if (asked.outcome !== 'granted') throw new Error(asked.outcome)
    expect(asked.lease.deadlineBootMs).toBe(Number.NEGATIVE_INFINITY)
    expect(await asked.lease.guard(token => token)).toBe(1)
  })

  const lost: readonly (readonly [string, (ledger: Ledger) => Promise<object>, object])[] = [
    [
      'RELEASE',
      ledger => ledger.release({ lane: 'x', holder: 'A', token: 1 }),
      { outcome: 'released', leaseId: 'x@1' },
    ],
    [
      'ADOPT',
      ledger => ledger.adopt({ lane: 'x', newHolder: 'B', expectToken: 1, force: true }),
      { outcome: 'adopted', previousToken: 1, lease: { holder: 'B', token: 2 } },
    ],
    [
      'SCAVENGE',
      ledger => ledger.scavenge({ lane: 'x', token: 1, force: true }),
      { outcome: 'scavenged', leaseId: 'x@1', drainsUntilMs: expect.any(Number) as number },
    ],
    [
      'HALT',
      ledger => ledger.halt({ handle: 'h', lane: 'x' }),
      { outcome: 'recorded', bound: { leaseId: 'x@1', token: 1 } },
    ],
    ['SPAWN', ledger => ledger.spawn({ lane: 'y', holder: 'A' }), { outcome: 'recorded', bound: null }],
  ]
  it.each(lost)(
    'is a %s: the repeat answers as the first would have, and it stands in the log once',
    async (type, ask, answer) => {
      await using scene = await Scene.make()
      const door = await scene.lossy(await scene.serve())
      const ledger = await scene.open({ server: door.find })
      await ledger.acquire({ lane: 'x', holder: 'A' })
      door.loseAnswers = true
      expect(await ask(ledger)).toMatchObject(answer)
      expect(await scene.types()).toEqual(['ACQUIRE', type])
    },
  )

  it('never reached the server: the repeat is decided as if it were the first', async () => {
    await using scene = await Scene.make()
    const door = await scene.lossy(await scene.serve())
    const ledger = await scene.open({ server: door.find })
    door.loseRequests = true
    expect(await ledger.acquire({ lane: 'x', holder: 'A' })).toMatchObject({ outcome: 'granted', repeated: false })
    expect(await scene.types()).toEqual(['ACQUIRE'])
  })

  it('waited for its turn: a repeat with the same request id gets the lease, and the server does not release it', async () => {
    await using scene = await Scene.make()
    const door = await scene.lossy(await scene.serve())
    const [a, b] = [await scene.open(), await scene.open({ server: door.find })]
    await a.acquire({ lane: 'x', holder: 'A' })
    let released: Promise<unknown> | undefined
    // At once: a client that hears nothing for long gives the server up, and waits at the file.
    const onRefused = (): void => {
      door.loseAnswers = true
      released ??= a.release({ lane: 'x', holder: 'A', token: 1 })
    }
    const waited = b.acquire({ lane: 'x', holder: 'B' }, { wait: '20s', onRefused })
    await expect.poll(() => released).toBeDefined()
    await released
    expect(await waited).toMatchObject({ outcome: 'granted', repeated: true })
    expect((await scene.types()).filter(type => type !== 'REFUSE')).toEqual(['ACQUIRE', 'RELEASE', 'ACQUIRE'])
  })
})

describe('a server that is paused', () => {
  it.each(['in its queue', 'unread in the socket'])(
    'with the command %s, while the client repeats it at the file, appends nothing',
    async where => {
      await using scene = await Scene.make()
      const door = await scene.lossy(await scene.serve())
      const [ledger, other] = [await scene.open({ server: door.find }), await scene.open()]
      if (where === 'in its queue') door.cutAfterRequest = true
      else door.keepRequests = true
      expect(await ledger.acquire({ lane: 'x', holder: 'A' })).toMatchObject({ outcome: 'granted' })
      // The server learns of what was done at the file before it reads the command.
      await other.acquire({ lane: 'z', holder: 'Z' })
      door.release()
      await other.acquire({ lane: 'y', holder: 'Y' })
      expect((await scene.types()).toSorted()).toEqual(['ACQUIRE', 'ACQUIRE', 'ACQUIRE'])
    },
  )
})

it('a server that was killed between commit and answer: the repeat at the next server answers from the log', async () => {
  await using scene = await Scene.make()
  const first = await scene.serve()
  const before = await link(first.socket)
  const command = {
    type: 'acquire',
    commandId: 'a3bb189e-8bf9-4c4b-9ae0-0d4d8f6a3f0e',
    holder: 'A',
    claims: [{ lane: 'x' }],
  }
  expect((await before.submit(command as never, undefined, 0 as never)).ok).toMatchObject({ outcome: 'granted' })
  await first.stop()
  const second = await scene.serve()
  const after = await link(second.socket)
  const again = await after.submit(command as never, undefined, 0 as never)
  expect(again.ok).toMatchObject({ outcome: 'granted', repeated: true, lease: { token: 1 } })
  expect(await scene.types()).toEqual(['ACQUIRE'])
  after.close()
})

it('a client that disappears while it waits gives its place up at once, and nothing else', async () => {
  await using scene = await Scene.make()
  const server = await scene.serve()
  const a = await scene.open()
  await a.acquire({ lane: 'x', holder: 'A' })
  const gone = await link(server.socket)
  const command = {
    type: 'acquire',
    commandId: crypto.randomUUID(),
    holder: 'B',
    requestId: 'r',
    wait: true,
    claims: [{ lane: 'x' }],
  }
  const refused: unknown[] = []
  const waiting = gone.wait(command as never, {
    spanMs: 60_000,
    predicates: undefined,
    signal: undefined,
    told: item => refused.push(item),
  })
  waiting.catch(() => undefined)
  await expect.poll(() => refused.length).toBe(1)
  gone.close()
  await expect.poll(() => scene.types()).toEqual(['ACQUIRE', 'REFUSE', 'REFUSE'])
  expect((await scene.log()).at(-1)).toMatchObject({ data: { code: 'withdrawn' } })
  expect((await a.leases()).map(({ holder }) => holder)).toEqual(['A'])
})

it('two servers and a client at the file: no two leases conflict, and each command is decided once', async () => {
  await using scene = await Scene.make()
  const first = await scene.serve({ lookEveryMs: 60_000 })
  const one = await scene.open()
  // As after a pause: the first one does not know that it is not announced any more.
  rmSync(`${scene.path}.serve/server.json`)
  await expect(scene.serve()).rejects.toThrow(ServerThere)
  rmSync(first.socket)
  const second = await scene.serve({ lookEveryMs: 60_000 })
  const two = await scene.open()
  const none = await scene.open({ server: false })
  expect([first.connections, second.connections]).toEqual([1, 1])
  let held = 0
  const work = async (ledger: Ledger, holder: string): Promise<void> => {
    for (let round = 0; round < 30; round += 1) {
      const asked = await ledger.acquire({ lane: 'x', holder })
      if (asked.outcome !== 'granted') continue
      held += 1
      expect(held).toBe(1)
      await new Promise(resolve => setImmediate(resolve))
      held -= 1
      await ledger.release({ lane: 'x', holder, token: asked.lease.token })
    }
  }
  await Promise.all([work(one, 'A'), work(two, 'B'), work(none, 'C')])
  expect((await verifyLedger(none.store, none.stream)).ok).toBe(true)
})

describe('who serves a store', () => {
  it('a second server names the first and leaves it alone', async () => {
    await using scene = await Scene.make()
    const first = await scene.serve()
    await expect(scene.serve()).rejects.toThrow(ServerThere)
    await expect(scene.serve()).rejects.toThrow(`Process ${process.pid}`)
    expect((await (await scene.open()).acquire({ lane: 'x', holder: 'A' })).outcome).toBe('granted')
    expect(first.connections).toBe(1)
  })

  it('what a killed one left is passed over at once, its pid used again or not, and the next one replaces it', async () => {
    await using scene = await Scene.make()
    const left = { ...thisProcess(), processStart: '1' }
    mkdirSync(`${scene.path}.serve`, { mode: 0o700 })
    const socket = `${scene.path}.serve/1-x.sock`
    writeFileSync(socket, '')
    const announcement = { protocol: PROTOCOL, version: '', process: left, socket, store: scene.url, id: 'x' }
    writeFileSync(`${scene.path}.serve/server.json`, JSON.stringify(announcement), { mode: 0o600 })
    expect((await (await scene.open()).acquire({ lane: 'x', holder: 'A' })).outcome).toBe('granted')
    const server = await scene.serve()
    await scene.open()
    expect(server.connections).toBe(1)
  })

  it('a socket or an announcement that is deleted comes back; those who are connected notice nothing', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve({ lookEveryMs: 20 })
    const before = await scene.open()
    const { socket } = server
    rmSync(socket)
    await expect.poll(() => server.socket).not.toBe(socket)
    rmSync(`${scene.path}.serve/server.json`)
    await expect
      .poll(async () => {
        await (await scene.open()).close()
        return readFileSync(`${scene.path}.serve/server.json`, 'utf8').includes(server.socket)
      })
      .toBe(true)
    expect((await before.acquire({ lane: 'x', holder: 'A' })).outcome).toBe('granted')
    await scene.open()
    expect(server.connections).toBe(2)
  })

  it('where another one is announced, an unannounced server ends', async () => {
    await using scene = await Scene.make()
    const first = await scene.serve({ lookEveryMs: 20 })
    const announced = {
      protocol: PROTOCOL,
      version: '',
      process: thisProcess(),
      socket: '/x',
      store: scene.url,
      id: 'x',
    }
    writeFileSync(`${scene.path}.serve/server.json`, JSON.stringify(announced), { mode: 0o600 })
    expect(await first.ended).toMatchObject({ why: 'taken-over', announced: { id: 'x' } })
  })

  it('a store that is replaced under it: the server ends, and who opens the new file is not served by it', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve({ lookEveryMs: 60_000 })
    const old = await scene.open()
    expect((await old.acquire({ lane: 'x', holder: 'A' })).outcome).toBe('granted')
    const elsewhere = await Scene.make()
    for (const suffix of ['', '-wal', '-shm', '.head']) rmSync(scene.path + suffix, { force: true })
    renameSync(elsewhere.path, scene.path)
    const fresh = await openLedger(scene.url, { compaction: { automatic: false } })
    expect((await fresh.acquire({ lane: 'x', holder: 'B' })).outcome).toBe('granted')
    await expect(old.acquire({ lane: 'y', holder: 'A' })).rejects.toMatchObject({ detail: 'replaced' })
    expect(await server.ended).toMatchObject({ why: 'replaced' })
    await fresh.close()
    await elsewhere[Symbol.asyncDispose]()
  })
})

describe('what stands in the place of a server and is none', () => {
  const odd: readonly (readonly [string, (folder: string) => void])[] = [
    ['a link in the place of the folder', folder => symlinkSync(mkdtempSync(`${folder}-`), folder)],
    ['a folder that others may enter', folder => mkdirSync(folder, { mode: 0o755 })],
    ['a file', folder => writeFileSync(folder, '')],
  ]
  it.each(odd)('%s counts as absent; a server says what is wrong', async (_, put) => {
    await using scene = await Scene.make()
    put(`${scene.path}.serve`)
    expect((await (await scene.open()).acquire({ lane: 'x', holder: 'A' })).outcome).toBe('granted')
    await expect(scene.serve()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('a pipe in the place of the announcement keeps nobody waiting', async () => {
    await using scene = await Scene.make()
    mkdirSync(`${scene.path}.serve`, { mode: 0o700 })
    execFileSync('mkfifo', [join(`${scene.path}.serve`, 'server.json')])
    expect((await (await scene.open()).acquire({ lane: 'x', holder: 'A' })).outcome).toBe('granted')
  })

  it('a folder in the place of the announcement is said before anything is opened', async () => {
    await using scene = await Scene.make()
    mkdirSync(`${scene.path}.serve`, { mode: 0o700 })
    mkdirSync(join(`${scene.path}.serve`, 'server.json'))
    await expect(scene.serve()).rejects.toMatchObject({ code: 'unavailable' })
    await expect(scene.serve()).rejects.toThrow('server.json is a folder')
    expect(readdirSync(`${scene.path}.serve`)).toEqual(['server.json'])
  })

  it('what is no socket under the name of one is left alone', async () => {
    await using scene = await Scene.make()
    const folder = `${scene.path}.serve`
    mkdirSync(folder, { mode: 0o700 })
    mkdirSync(join(folder, '1-folder.sock'))
    symlinkSync(scene.path, join(folder, '1-link.sock'))
    const server = await scene.serve()
    await scene.open()
    expect(server.connections).toBe(1)
    expect(readdirSync(folder).filter(name => name.startsWith('1-'))).toEqual(['1-folder.sock', '1-link.sock'])
  })

  it.runIf(process.geteuid?.() === 0)("another user's folder counts as absent", async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    chownSync(`${scene.path}.serve`, 65_534, 65_534)
    await scene.open()
    expect(server.connections).toBe(0)
  })

  it('an announcement of another version counts as absent', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    const announced = JSON.parse(readFileSync(`${scene.path}.serve/server.json`, 'utf8')) as { protocol: number }
    writeFileSync(`${scene.path}.serve/server.json`, JSON.stringify({ ...announced, protocol: PROTOCOL + 1 }))
    await scene.open()
    expect(server.connections).toBe(0)
  })
})

describe('whoever speaks wrongly', () => {
  const within = 4_000
  /** What the server says last, once it has ended the connection. */
  async function saying(path: string, say: (socket: Socket) => void): Promise<unknown> {
    const reader = new FrameReader()
    const heard: unknown[] = []
    const socket = createConnection(path)
    socket.on('data', piece => heard.push(...reader.read(piece)))
    socket.on('error', () => {})
    await new Promise<void>(resolve => {
      socket.on('connect', () => say(socket))
      socket.on('close', () => resolve())
    })
    return heard.at(-1)
  }
  const hello = encodeFrame({ hello: PROTOCOL, ledger: 'default', actor: null })
  const length = Buffer.alloc(4)
  length.writeUInt32BE(FRAME_BYTES_MAX + 1)
  const torn = Buffer.concat([Buffer.from([0, 0, 0, 3]), Buffer.from('{x}')])
  const many = Array.from({ length: IN_FLIGHT_MAX + 1 }, (_, id) => encodeFrame({ id, do: 'ask', question: 'status' }))
  const wrong: readonly (readonly [string, (socket: Socket) => void, string])[] = [
    ['a frame that is too long', socket => socket.write(length), 'a frame of 1048577 bytes'],
    ['no JSON', socket => socket.write(torn), 'no JSON'],
    ['no hello', socket => socket.write(encodeFrame({ id: 1, do: 'ask', question: 'status' })), 'no hello'],
    [
      'another version',
      socket => socket.write(encodeFrame({ hello: 99, ledger: 'default', actor: null })),
      'protocol 1',
    ],
    ['nothing at all', () => {}, 'no hello in time'],
    [
      'a request that is not known',
      socket => socket.write(Buffer.concat([hello, encodeFrame({ id: 1, do: 'rm' })])),
      'not known',
    ],
    ['too much at once', socket => socket.write(Buffer.concat([hello, ...many])), 'in flight'],
    ['another ledger', socket => socket.write(encodeFrame({ hello: PROTOCOL, ledger: 'none', actor: null })), 'none'],
  ]
  it(
    'is cut with a reason, and nobody else notices',
    async () => {
      await using scene = await Scene.make()
      const server = await scene.serve()
      const good = await scene.open()
      const all = await Promise.all(wrong.map(([, say]) => saying(server.socket, say)))
      expect(all).toEqual(wrong.map(([, , reason]) => ({ bye: expect.stringContaining(reason) as string })))
      expect((await good.acquire({ lane: 'x', holder: 'A' })).outcome).toBe('granted')
      expect(server.connections).toBe(1)
    },
    within + 10_000,
  )

  it('gives a command that cannot be understood hears every fault, and goes on', async () => {
    await using scene = await Scene.make()
    const asking = await link((await scene.serve()).socket)
    const bad = { type: 'acquire', commandId: 'x', holder: '', claims: [{ lane: '' }] }
    await expect(asking.submit(bad as never, undefined, 'none')).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(asking.submit({ type: 'checkpoint' } as never, undefined, 'none')).rejects.toMatchObject({
      code: 'invalid',
    })
    await expect(asking.ask('rm')).rejects.toMatchObject({ code: 'invalid-input' })
    expect((await asking.ask('leases')).ok).toMatchObject({ leases: [] })
    asking.close()
  })
})

describe('a stream', () => {
  it('of events goes on after a revision, without a gap', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    const ledger = await scene.open()
    for (const lane of ['a', 'b', 'c']) await ledger.acquire({ lane, holder: 'A' })
    const reading = await link(server.socket)
    const seen: number[] = []
    const enough = new AbortController()
    const told = (item: unknown): void => {
      if (typeof item !== 'object' || item === null || !('events' in item)) return
      seen.push(...(item.events as { revision: number }[]).map(({ revision }) => revision))
      if (seen.length === 3) enough.abort()
    }
    const stream = reading.lasting(
      { do: 'follow', stream: 'events', after: 1 as never },
      { signal: enough.signal, told },
    )
    await ledger.acquire({ lane: 'd', holder: 'A' })
    await stream
    expect(seen).toEqual([2, 3, 4])
    reading.close()
  })

  it('of the live set tells all of it once, then what changed', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    const ledger = await scene.open()
    await ledger.acquire({ lane: 'a', holder: 'A' })
    const reading = await link(server.socket)
    const items: unknown[] = []
    const enough = new AbortController()
    const stream = reading.lasting(
      { do: 'follow', stream: 'leases' },
      { signal: enough.signal, told: item => items.push(item) },
    )
    await expect.poll(() => items.length).toBe(1)
    await ledger.release({ lane: 'a', holder: 'A', token: 1 })
    await expect.poll(() => items.length).toBe(2)
    enough.abort()
    await stream
    expect(items).toMatchObject([
      { kind: 'all', leases: [{ leaseId: 'a@1' }] },
      { kind: 'changes', changed: [], gone: ['a@1'] },
    ])
    reading.close()
  })

  it('that is not read is cut, with a reason', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve({ slowReaderMs: 100 })
    const ledger = await scene.open()
    const reason = 'x'.repeat(4000)
    await Promise.all(
      Array.from({ length: 300 }, (_, index) => ledger.spawn({ lane: `l${index}`, holder: 'A', reason })),
    )
    const reader = new FrameReader()
    const socket = createConnection(server.socket)
    socket.write(
      Buffer.concat([
        encodeFrame({ hello: PROTOCOL, ledger: 'default', actor: null }),
        encodeFrame({ id: 1, do: 'follow', stream: 'events' }),
      ]),
    )
    socket.pause()
    await new Promise(resolve => setTimeout(resolve, 600))
    const heard: unknown[] = []
    socket.on('data', piece => heard.push(...reader.read(piece)))
    socket.resume()
    await expect.poll(() => heard.at(-1)).toMatchObject({ id: 1, error: { detail: 'slow-reader' } })
    expect((await ledger.acquire({ lane: 'x', holder: 'A' })).outcome).toBe('granted')
    socket.destroy()
  })
})

it('a server that is asked to stop answers what it has, and its waiters go on at the file', async () => {
  await using scene = await Scene.make()
  const server = await scene.serve()
  const [a, b] = [await scene.open(), await scene.open()]
  await a.acquire({ lane: 'x', holder: 'A' })
  const waited = b.acquire({ lane: 'x', holder: 'B' }, { wait: '20s' })
  await expect.poll(() => scene.types()).toEqual(['ACQUIRE', 'REFUSE'])
  const queued = Array.from({ length: 50 }, (_, index) => a.acquire({ lane: `q${index}`, holder: 'A' }))
  await Promise.all([server.stop(), ...queued])
  for (const asked of queued) expect(await asked).toMatchObject({ outcome: 'granted' })
  await a.release({ lane: 'x', holder: 'A', token: 1 })
  expect(await waited).toMatchObject({ outcome: 'granted', lease: { holder: 'B' } })
  await expect(link(server.socket)).rejects.toThrow(LinkLost)
  expect((await scene.types()).filter(type => type === 'ACQUIRE')).toHaveLength(52)
})

it('a holder that loses its server keeps its lease by the file, and hears of its loss there', async () => {
  await using scene = await Scene.make()
  const server = await scene.serve()
  const [a, operator] = [await scene.open(), await scene.open({ server: false })]
  const asked = await a.hold({ lane: 'x', holder: 'A', ttl: '60s' })
  if (asked.outcome !== 'granted') throw new Error(asked.outcome)
  await server.stop()
  await asked.lease.beat()
  expect(asked.lease.isHeld).toBe(true)
  await operator.scavenge({ lane: 'x', token: asked.lease.token, force: true })
  await expect.poll(() => asked.lease.signal.aborted).toBe(true)
  expect(asked.lease.signal.reason).toMatchObject({ code: 'scavenged' })
})

it('`unix:PATH` is a server that is named; none there is said', async () => {
  await using scene = await Scene.make()
  const server = await scene.serve()
  const ledger = await openLedger(`unix:${server.socket}`, { compaction: { automatic: false } })
  expect(server.connections).toBe(1)
  expect((await ledger.acquire({ lane: 'x', holder: 'A' })).outcome).toBe('granted')
  await ledger.close()
  await expect(openLedger(`unix:${scene.folder}/none`)).rejects.toMatchObject({ code: 'unavailable' })
})
