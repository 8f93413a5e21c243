import { mkdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { openLedger, systemTimers } from '@holdfast/engine'
import { ServerLink } from '@holdfast/engine/served'
import { verifyLedger } from '@holdfast/projections'
import { serve } from '@holdfast/server'
import { expect, it } from 'vitest'
import { COMMAND } from '../setup/command.ts'
import { Child } from './children.ts'
import { Scene } from './scene.ts'

it('a full disk under a server: commands fail as unavailable, and nothing that was answered is lost', async () => {
  await using scene = await Scene.make()
  // The limit is on the size of files; the signal that comes with it is ignored, as on a full disk there is none.
  const shell = `trap '' XFSZ; ulimit -S -f 600; exec "$0" "$1" serve --store "$2"`
  await using server = new Child('/bin/bash', ['-c', shell, process.execPath, COMMAND, scene.url], { program: true })
  await server.says('.sock', 60_000)
  const ledger = await scene.open()
  const reason = 'x'.repeat(4_000)
  const tried = Array.from({ length: 250 }, (_, index) => ledger.spawn({ lane: `l${index}`, holder: 'A', reason }))
  const settled = await Promise.allSettled(tried)
  const failed = settled.filter(one => one.status === 'rejected')
  expect(failed.length).toBeGreaterThan(0)
  for (const { reason: error } of failed) expect(error).toMatchObject({ code: 'unavailable' })
  server.kill('SIGKILL')
  await server.ended
  const there = new Set((await scene.log()).flatMap(entry => (entry.type === 'SPAWN' ? [entry.data.lane] : [])))
  const answered = settled.flatMap(({ status }, index) => (status === 'fulfilled' ? [`l${index}`] : []))
  expect(answered.filter(lane => !there.has(lane as never))).toEqual([])
  // By the file there is room again.
  expect(await ledger.acquire({ lane: 'x', holder: 'A' })).toMatchObject({ outcome: 'granted' })
  expect((await verifyLedger(ledger.store, ledger.stream)).ok).toBe(true)
}, 90_000)

it('a store whose path is too long for a socket: the socket lies in the runtime folder, and is found', async () => {
  await using scene = await Scene.make()
  const deep = join(scene.folder, 'd'.repeat(60), 'e'.repeat(60))
  mkdirSync(deep, { recursive: true })
  const url = `sqlite:${join(deep, 'l.db')}`
  await (await openLedger(url, { server: false })).close()
  await using server = await serve({ store: url, compaction: { automatic: false } })
  expect(server.socket).not.toContain(deep)
  expect(Buffer.byteLength(server.socket)).toBeLessThanOrEqual(100)
  const ledger = await openLedger(url, { compaction: { automatic: false } })
  expect(await ledger.acquire({ lane: 'x', holder: 'A' })).toMatchObject({ outcome: 'granted' })
  expect(server.connections).toBe(1)
  await ledger.close()
})

it('a ledger that is moved under a server: its holders hear of it, and nothing is decided here any more', async () => {
  await using scene = await Scene.make()
  await scene.serve()
  const [ledger, operator] = [await scene.open(), await scene.open({ server: false })]
  const asked = await ledger.hold({ lane: 'x', holder: 'A', ttl: '60s' })
  if (asked.outcome !== 'granted') throw new Error(asked.outcome)
  await operator.checkpoint({ movedTo: 'sqlite:/elsewhere.db' })
  await expect.poll(() => asked.lease.signal.aborted).toBe(true)
  await expect(ledger.acquire({ lane: 'y', holder: 'A' })).rejects.toMatchObject({ code: 'moved' })
})

it('a command that waits in the queue of a server for the store, and is repeated at the file, is done once', async () => {
  await using scene = await Scene.make()
  const door = await scene.lossy(await scene.serve())
  const ledger = await scene.open({ server: door.find })
  const locker = new DatabaseSync(scene.path)
  locker.exec('BEGIN IMMEDIATE')
  door.cutAfterRequest = true
  const asked = ledger.acquire({ lane: 'x', holder: 'A' })
  await expect.poll(() => door.isOpen).toBe(false)
  await new Promise(resolve => setTimeout(resolve, 100))
  locker.exec('ROLLBACK')
  locker.close()
  expect(await asked).toMatchObject({ outcome: 'granted', lease: { token: 1 } })
  // What is decided later stands behind what the server had in its queue.
  await (await scene.open()).acquire({ lane: 'y', holder: 'Y' })
  expect(await scene.types()).toEqual(['ACQUIRE', 'ACQUIRE'])
})

it('a reader of verdicts that comes again is told of every live lease, then of what changes', async () => {
  await using scene = await Scene.make()
  const server = await scene.serve()
  const ledger = await scene.open()
  await ledger.acquire({ lane: 'a', holder: 'A' })
  for (const lanes of [['a'], ['a', 'b']]) {
    const link = await ServerLink.connect(server.socket, {
      hello: { ledger: 'default', actor: null },
      timers: systemTimers,
    })
    const told: unknown[] = []
    const enough = new AbortController()
    const following = { signal: enough.signal, told: (item: unknown) => told.push(item) }
    const stream = link.lasting({ do: 'follow', stream: 'liveness' }, following)
    if (lanes.length > 1) await ledger.acquire({ lane: 'b', holder: 'A' })
    for (const lane of lanes) await expect.poll(() => JSON.stringify(told)).toContain(`"lane":"${lane}"`)
    enough.abort()
    await stream
    link.close()
  }
})
