import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { openLedger } from '@holdfast/engine'
import { openStore } from '@holdfast/store'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { holding } from '../engine/harness/holding.ts'
import { HttpScene } from '../http/http-scene.ts'
import { COMMAND } from '../setup/command.ts'
import type { Scene } from './scene.ts'

const Restored = z.looseObject({
  movedAside: z.string(),
  server: z.looseObject({ pid: z.int(), listen: z.string() }).nullable(),
})

/** Puts a backup back in the place of the store, as an operator does. */
function restore({ url, folder }: Scene, file: string): Promise<z.infer<typeof Restored>> {
  const args = [COMMAND, 'restore', file, '--move-aside', '--store', url, '--json']
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: folder }, (error, out) => {
      if (error === null) resolve(Restored.parse(JSON.parse(out)))
      else reject(error)
    })
  })
}

async function backedUp(scene: Scene): Promise<string> {
  await using ledger = await openLedger(scene.url, { server: false, compaction: { automatic: false } })
  const file = join(scene.folder, 'backup.db')
  await ledger.store.backup?.(file)
  return file
}

async function headOf(url: string): Promise<unknown> {
  await using store = await openStore(url, { create: false })
  return await store.head('default')
}

describe('a store that is restored under its server', () => {
  it('nobody is granted anything in the old file, and everybody hears what to do', async () => {
    await using at = await HttpScene.make({}, { lookEveryMs: 100 })
    const { scene } = at
    const { port } = new URL(at.url)
    const file = await backedUp(scene)
    const near = await scene.open()
    await using far = await openLedger(at.url, { token: at.owner, lockDeadlineMs: 500 })
    const [a, b] = [
      await holding(near, { lane: 'a', holder: 'A', ttl: '60s' }),
      await holding(far, { lane: 'b', holder: 'B', ttl: '60s' }),
    ]
    const granted: number[] = []
    /** One lease after the other, until there are no more. */
    const taking = (async (): Promise<unknown> => {
      try {
        for (;;) {
          const answer = await near.acquire({ lane: 'c', holder: 'A' })
          if (answer.outcome !== 'granted') return answer
          const { token } = answer.lease
          granted.push(token)
          await near.release({ lane: 'c', holder: 'A', token })
        }
      } catch (error) {
        return error
      }
    })()
    await expect.poll(() => granted.length).toBeGreaterThan(5)
    const { movedAside, server } = await restore(scene, file)
    expect(server).toMatchObject({ pid: process.pid, listen: at.url })
    const head = await headOf(`sqlite:${movedAside}`)
    expect(await taking).toMatchObject({ detail: 'replaced' })
    // What was granted stands in the old file, and nothing came after it.
    expect(granted.at(-1)).toBeLessThanOrEqual(Number(head))
    await expect(a.beat()).rejects.toBeInstanceOf(Error)
    await expect(b.beat()).rejects.toBeInstanceOf(Error)
    await expect(far.acquire({ lane: 'd', holder: 'B' })).rejects.toThrow('Look whether it runs')
    await using fresh = await openLedger(scene.url, { compaction: { automatic: false } })
    expect((await fresh.acquire({ lane: 'a', holder: 'C' })).outcome).toBe('refused')
    // Started again, it serves another store: who was connected before is told so, and goes no further.
    await scene.serve({ http: { listen: `127.0.0.1:${port}` } })
    await expect(far.acquire({ lane: 'd', holder: 'B' })).rejects.toThrow('Open the ledger again')
    expect(await headOf(`sqlite:${movedAside}`)).toBe(head)
  })

  it('nor in a ledger that was not open yet: the server ends, and says what to do', async () => {
    await using at = await HttpScene.make({}, { lookEveryMs: 60_000 })
    const { scene } = at
    await using other = await openLedger(scene.url, { ledger: 'other', create: true, server: false })
    await other.close()
    expect((await at.get('status')).status).toBe(200)
    await restore(scene, await backedUp(scene))
    const asked = await at.ask('/v1/ledgers/other/acquire', {
      method: 'POST',
      headers: { Authorization: `Bearer ${at.owner}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ lane: 'x', holder: 'A' }),
    })
    expect(asked).toMatchObject({ status: 503, json: { kind: 'replaced' } })
    expect(asked.json['detail']).toContain('Start it again')
    await using byFile = await openLedger(scene.url, { ledger: 'other', compaction: { automatic: false } })
    expect((await byFile.acquire({ lane: 'x', holder: 'A' })).outcome).toBe('refused')
    await expect(at.ask('/healthz')).rejects.toThrow('ECONNREFUSED')
  })

  it('is served as it is now by a server that had nothing of it open: it drains', async () => {
    await using at = await HttpScene.make({}, { lookEveryMs: 50 })
    const file = await backedUp(at.scene)
    await restore(at.scene, file)
    expect((await at.post('acquire', { lane: 'x', holder: 'A' })).json).toMatchObject({ outcome: 'refused' })
    expect((await at.ask('/healthz')).status).toBe(200)
  })

  it('is noticed where nobody asks for anything', async () => {
    await using at = await HttpScene.make({}, { lookEveryMs: 50 })
    expect((await at.get('status')).status).toBe(200)
    await restore(at.scene, await backedUp(at.scene))
    await expect.poll(() => at.ask('/healthz').catch(() => null)).toBeNull()
  })
})
