import { execFile } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { thisProcess } from '@holdfast/engine'
import { PROTOCOL } from '@holdfast/engine/served'
import type { HoldfastServer } from '@holdfast/server'
import { describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { COMMAND } from '../setup/command.ts'
import { Scene, type LossyDoor } from './scene.ts'

/** Each of them starts a program. */
vi.setConfig({ testTimeout: 60_000 })

const run = promisify(execFile)

const Answer = z.looseObject({ outcome: z.string(), repeated: z.boolean().optional() })

/** What one line of the published program answers. */
async function told(scene: Scene, ...args: readonly string[]): Promise<z.infer<typeof Answer>> {
  const { stdout } = await run(process.execPath, [COMMAND, '--store', scene.url, '--json', ...args])
  return Answer.parse(JSON.parse(stdout))
}

const acquire = (scene: Scene, lane = 'x') => told(scene, 'acquire', lane, '--holder', 'A')

/** A door of which the announcement speaks in the place of the server's socket. */
async function doorBefore(scene: Scene, server: HoldfastServer): Promise<LossyDoor> {
  const door = await scene.lossy(server)
  door.sparesHello = true
  scene.announce({ socket: door.path })
  return door
}

describe('a one-shot command where a server is', () => {
  it('is decided by it, and answers as at the file', async () => {
    await using scene = await Scene.make()
    const door = await doorBefore(scene, await scene.serve())
    expect(await acquire(scene)).toMatchObject({ outcome: 'granted', repeated: false })
    expect(await told(scene, 'heartbeat', 'x', '--holder', 'A', '--token', '1')).toMatchObject({ outcome: 'beaten' })
    expect(await told(scene, 'release', 'x', '--holder', 'A', '--token', '1')).toMatchObject({ outcome: 'released' })
    expect(door.connections).toBe(3)
    expect(await scene.types()).toEqual(['ACQUIRE', 'HEARTBEAT', 'RELEASE'])
  })

  it('whose answer is lost: the same command at the file is found done', async () => {
    await using scene = await Scene.make()
    const door = await doorBefore(scene, await scene.serve())
    door.loseAnswers = true
    expect(await acquire(scene)).toMatchObject({ outcome: 'granted', repeated: true })
    expect(await scene.types()).toEqual(['ACQUIRE'])
    expect(door.connections).toBe(1)
  })

  it('that never reached the server is decided at the file', async () => {
    await using scene = await Scene.make()
    const door = await doorBefore(scene, await scene.serve())
    door.loseRequests = true
    expect(await acquire(scene)).toMatchObject({ outcome: 'granted', repeated: false })
    expect(await scene.types()).toEqual(['ACQUIRE'])
  })

  it('that a paused server takes up after it was decided at the file: the server appends nothing', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    const door = await doorBefore(scene, server)
    door.keepRequests = true
    expect(await acquire(scene)).toMatchObject({ outcome: 'granted', repeated: false })
    door.release()
    const other = await scene.open({ server: true })
    expect((await other.acquire({ lane: 'y', holder: 'B' })).outcome).toBe('granted')
    expect(await scene.types()).toEqual(['ACQUIRE', 'ACQUIRE'])
  })

  it('that is cut off while the server decides it is done once', async () => {
    await using scene = await Scene.make()
    const door = await doorBefore(scene, await scene.serve())
    door.cutAfterRequest = true
    expect(await acquire(scene)).toMatchObject({ outcome: 'granted' })
    await expect.poll(() => scene.types()).toEqual(['ACQUIRE'])
  })
})

describe('a one-shot command where something else is', () => {
  it('what a killed server left: it goes by the file', async () => {
    await using scene = await Scene.make()
    mkdirSync(`${scene.path}.serve`, { mode: 0o700 })
    const socket = `${scene.path}.serve/1-x.sock`
    const left = { ...thisProcess(), processStart: '1' }
    writeFileSync(socket, '')
    const announcement = { protocol: PROTOCOL, version: '', process: left, socket, store: scene.url, id: 'x' }
    writeFileSync(`${scene.path}.serve/server.json`, JSON.stringify(announcement), { mode: 0o600 })
    expect(await acquire(scene)).toMatchObject({ outcome: 'granted', repeated: false })
  })

  it('a server of another store, or of another version: it goes by the file', async () => {
    await using scene = await Scene.make()
    await using elsewhere = await Scene.make()
    await scene.serve()
    const other = await elsewhere.serve()
    scene.announce({ socket: other.socket })
    expect(await acquire(scene, 'x')).toMatchObject({ outcome: 'granted' })
    scene.announce({ protocol: PROTOCOL + 1 })
    expect(await acquire(scene, 'y')).toMatchObject({ outcome: 'granted' })
    expect(await elsewhere.types()).toEqual([])
    expect(await scene.types()).toEqual(['ACQUIRE', 'ACQUIRE'])
  })

  it('a server whose store was replaced under it: the new store has the lease', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve({ lookEveryMs: 60_000 })
    await using elsewhere = await Scene.make()
    await scene.open()
    expect(server.connections).toBe(1)
    for (const suffix of ['', '-wal', '-shm', '.head']) rmSync(scene.path + suffix, { force: true })
    renameSync(elsewhere.path, scene.path)
    expect(await acquire(scene)).toMatchObject({ outcome: 'granted' })
    expect(await scene.types()).toEqual(['ACQUIRE'])
  })
})
