import { chmodSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Child, serverChild } from './children.ts'
import { killCampaign } from './kill-campaign.ts'
import { Scene } from './scene.ts'

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
    const said = holder.lines.length
    // As its TTL is 2 s, and it takes the server for gone after 3 s, it may lose the lease; it must not believe in it then.
    await new Promise(resolve => setTimeout(resolve, 3_500))
    server.kill('SIGCONT')
    const after = await scene.open({ server: false })
    const live = (await after.leases()).filter(({ lane }) => lane === 'x')
    const nowMs = await after.now()
    const believes = holder.lines.slice(said).at(-1) === '{"isHeld":true}'
    if (believes) expect(live.some(({ expiresAtMs }) => expiresAtMs > nowMs)).toBe(true)
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
    waiter.kill('SIGKILL')
    await expect
      .poll(async () => (await scene.log()).at(-1)?.data, { timeout: 5_000 })
      .toMatchObject({ code: 'withdrawn' })
    holder.kill('SIGKILL')
    const asking = await scene.open()
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
