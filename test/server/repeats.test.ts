import { createServer } from 'node:net'
import { join } from 'node:path'
import { systemTimers } from '@holdfast/engine'
import { encodeFrame, FrameReader, ServerLink } from '@holdfast/engine/served'
import { StoreError } from '@holdfast/store'
import { BOOT_STEP_MS } from '@holdfast/store/internal'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { Scene } from './scene.ts'

const Asked = z.looseObject({ id: z.number().optional(), command: z.unknown().optional() })

const COMMAND_ID = 'a3bb189e-8bf9-4c4b-9ae0-0d4d8f6a3f0e'

/** Sends a command as a client does that sent it before, when it knew of `sentAfter`. */
async function send(socket: string, command: object, sentAfter: number): Promise<unknown> {
  const link = await ServerLink.connect(socket, { hello: { ledger: 'default', actor: null }, timers: systemTimers })
  try {
    const named = { commandId: COMMAND_ID, ...command }
    return (await link.submit(named as never, undefined, sentAfter as never)).ok
  } finally {
    link.close()
  }
}

describe('a command that comes again', () => {
  it('is not done again where the part of history is dropped that would tell of it: the outcome is unknown', async () => {
    await using scene = await Scene.make()
    const first = await scene.serve()
    expect(await send(first.socket, { type: 'halt', handle: 'h' }, 0)).toMatchObject({ outcome: 'recorded' })
    await first.stop()
    const operator = await scene.open({ server: false })
    await operator.checkpoint({})
    await operator.store.compact(
      'default',
      (await operator.store.latestCheckpoint('default'))?.revision ?? (0 as never),
    )
    await operator.store.dropArchive('default', (Date.now() + 60_000) as never)
    const second = await scene.serve()
    await expect(send(second.socket, { type: 'halt', handle: 'h' }, 0)).rejects.toMatchObject({
      code: 'timeout-unknown-outcome',
    })
    expect(await scene.types()).not.toContain('HALT')
  })

  it('is found behind a leap over revisions, as a restore makes one', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    const operator = await scene.open({ server: false })
    await operator.acquire({ lane: 'x', holder: 'A' })
    await operator.checkpoint({ offset: 2 ** 32 })
    // It looks from before the leap on.
    const release = { type: 'release', lane: 'x', holder: 'A', token: 1 }
    expect(await send(server.socket, release, 0)).toMatchObject({ outcome: 'released' })
    expect(await send(server.socket, release, 0)).toMatchObject({ outcome: 'released' })
    expect(await scene.types()).toEqual(['ACQUIRE', 'CHECKPOINT', 'RELEASE'])
  })

  it('is a release of what had been taken by force: `drained`, as the first time', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    const ledger = await scene.open({ server: false })
    await ledger.acquire({ lane: 'x', holder: 'A' })
    await ledger.scavenge({ lane: 'x', token: 1, force: true })
    const release = { type: 'release', lane: 'x', holder: 'A', token: 1 }
    expect(await send(server.socket, release, 2)).toMatchObject({ outcome: 'drained' })
    expect(await send(server.socket, release, 2)).toMatchObject({ outcome: 'drained' })
    expect(await scene.types()).toEqual(['ACQUIRE', 'SCAVENGE', 'RELEASE'])
  })

  it('is an eviction: what it closed is told as long as this server counts it closed', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    const ledger = await scene.open({ server: false })
    await ledger.acquire({ lane: 'x', holder: 'A', ttl: '60s' })
    // The server has watched the lease from here on, on its own clock.
    await send(server.socket, { type: 'spawn', commandId: crypto.randomUUID(), lane: 'y', holder: 'B' }, 1)
    const evict = { type: 'scavenge', lane: 'x', token: 1, force: true }
    const first = await send(server.socket, evict, 2)
    expect(first).toMatchObject({ outcome: 'scavenged', drainsUntilMs: expect.any(Number) as number })
    expect(await send(server.socket, evict, 2)).toEqual(first)
  })

  it('is an acquire in a ledger that has moved since: it says so, and grants nothing', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    const acquire = { type: 'acquire', holder: 'A', claims: [{ lane: 'x' }] }
    expect(await send(server.socket, acquire, 0)).toMatchObject({ outcome: 'granted' })
    const operator = await scene.open({ server: false })
    await operator.checkpoint({ movedTo: 'sqlite:/elsewhere.db' })
    await expect(send(server.socket, acquire, 0)).rejects.toMatchObject({ code: 'moved' })
  })
})

it('who was silent while history was written and dropped is served: what he sends first now was not done before', async () => {
  await using scene = await Scene.make()
  await scene.serve()
  const silent = await scene.open()
  const operator = await scene.open({ server: false })
  await operator.spawn({ lane: 'x', holder: 'A' })
  await operator.checkpoint({})
  const checkpoint = await operator.store.latestCheckpoint('default')
  await operator.store.compact('default', checkpoint?.revision ?? (0 as never))
  await operator.store.dropArchive('default', (Date.now() + 60_000) as never)
  // By this the server has read what is there.
  const other = await scene.open()
  await other.spawn({ lane: 'y', holder: 'B' })
  await new Promise(resolve => setTimeout(resolve, 2 * BOOT_STEP_MS))
  expect(await silent.acquire({ lane: 'z', holder: 'C' })).toMatchObject({ outcome: 'granted', repeated: false })
})

it('a ledger that is closed while a server is lost still answers what was asked for before', async () => {
  await using scene = await Scene.make()
  const door = await scene.lossy(await scene.serve())
  const ledger = await scene.open({ server: door.find })
  door.loseAnswers = true
  const asked = ledger.acquire({ lane: 'x', holder: 'A' })
  const closed = ledger.close()
  expect(await asked).toMatchObject({ outcome: 'granted', repeated: true })
  await closed
})

it('what a server has decided is told, whether or not it can be read back', async () => {
  await using scene = await Scene.make()
  await scene.serve()
  const ledger = await scene.open({ server: 'read-back' })
  const read = (): never => {
    throw new StoreError('unavailable', 'The disk is away.')
  }
  Object.assign(ledger.store, { read })
  expect(await ledger.acquire({ lane: 'x', holder: 'A' })).toMatchObject({ outcome: 'granted', repeated: false })
})

it('a grant whose answer fits no frame is found at the file', async () => {
  await using scene = await Scene.make()
  const server = await scene.serve()
  const real = await ServerLink.connect(server.socket, {
    hello: { ledger: 'default', actor: null },
    timers: systemTimers,
  })
  const { hello } = real
  // Does what it is told to, and cannot say so.
  const mute = createServer(socket => {
    const reader = new FrameReader()
    socket.on('data', piece => reader.read(piece).forEach(message => void answer(message)))
    const answer = async (message: unknown): Promise<void> => {
      const { id, command } = Asked.parse(message)
      if (id === undefined) return void socket.write(encodeFrame(hello))
      await real.submit(command as never, undefined, 0 as never)
      socket.write(encodeFrame({ id, error: { code: 'too-long', message: 'The answer fits no frame.' } }))
    }
  })
  const path = join(scene.folder, 'mute.sock')
  await new Promise<void>(resolve => void mute.listen(path, resolve))
  const ledger = await scene.open({
    server: ({ ledger: name }) => {
      return ServerLink.connect(path, { hello: { ledger: name, actor: null }, timers: systemTimers })
    },
  })
  expect(await ledger.acquire({ lane: 'x', holder: 'A' })).toMatchObject({ outcome: 'granted', repeated: true })
  expect(await scene.types()).toEqual(['ACQUIRE'])
  await ledger.close()
  real.close()
  mute.close()
})
