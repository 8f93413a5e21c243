import { chmodSync } from 'node:fs'
import { openLedger } from '@holdfast/engine'
import { describe, expect, it, vi } from 'vitest'
import { Child, serverChild } from './children.ts'
import { killCampaign } from './kill-campaign.ts'
import { Scene } from './scene.ts'

/** Several processes start one after the other, and the machine may have others to serve. */
vi.setConfig({ testTimeout: 90_000 })

describe('real processes', () => {
  it('a server that is killed under its clients: no grant is lost or doubled, and every client goes on', async () => {
    await using scene = await Scene.make()
    const { grants } = await killCampaign(scene, { clients: 3, kills: 3, everyMs: 400 })
    expect(grants).toBeGreaterThan(10)
  })

  it('a server that is paused past the TTL of a holder: the holder keeps its lease by the file, and both go on after', async () => {
    await using scene = await Scene.make()
    await using server = await serverChild(scene.url)
    await using holder = new Child('client-child.ts', [scene.url, 'hold', 'A'])
    await holder.says('"isHeld":true')
    server.kill('SIGSTOP')
    await new Promise(resolve => setTimeout(resolve, 4_500))
    expect(holder.lines.at(-1)).toBe('{"isHeld":true}')
    server.kill('SIGCONT')
    await using after = await openLedger(scene.url, { server: false, compaction: { automatic: false } })
    expect((await after.leases()).map(({ holder: name }) => name)).toEqual(['A'])
    expect(holder.lines.filter(line => line.includes('lost'))).toEqual([])
    const other = await scene.open()
    expect((await other.acquire({ lane: 'y', holder: 'B' })).outcome).toBe('granted')
  })

  it('a client that is killed while it waits gives its place up at once; one that holds keeps its lease until it expires', async () => {
    await using scene = await Scene.make()
    await using _server = await serverChild(scene.url)
    await using holder = new Child('client-child.ts', [scene.url, 'hold', 'A'])
    await holder.says('granted')
    await using waiter = new Child('client-child.ts', [scene.url, 'wait', 'B'])
    await waiter.says('waits')
    // It is open before the holder dies: what follows happens within the TTL.
    const asking = await scene.open()
    waiter.kill('SIGKILL')
    // Beats of the holder come between.
    const refusals = async () => (await scene.log()).filter(({ type }) => type === 'REFUSE')
    await expect.poll(async () => (await refusals()).at(-1)).toMatchObject({ data: { code: 'withdrawn' } })
    holder.kill('SIGKILL')
    expect(await asking.acquire({ lane: 'x', holder: 'C' })).toMatchObject({ outcome: 'refused', code: 'lane-held' })
  })

  it.runIf(process.geteuid?.() === 0)('a process of another user does not reach the server', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    chmodSync(scene.folder, 0o755)
    const script = `require('node:net').createConnection(${JSON.stringify(server.socket)}).on('error', e => console.log(e.code)).on('connect', () => console.log('in'))`
    const { execFileSync } = await import('node:child_process')
    const told = execFileSync(process.execPath, ['-e', script], { uid: 65_534, gid: 65_534, encoding: 'utf8' })
    expect(told).toBe('EACCES\n')
  })
})
