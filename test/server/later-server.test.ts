import { openLedger } from '@holdfast/engine'
import { describe, expect, it, vi } from 'vitest'
import { Holdfast } from '../cli/holdfast.ts'
import { Scene } from './scene.ts'

/** Longer than a ledger goes on without looking for a server. */
const AFTER_A_LOOK_MS = 1_050

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

describe('a server that is started after a ledger was opened', () => {
  it('is found by its next command, hears for its holders, and can go again', async () => {
    await using scene = await Scene.make()
    const [ledger, operator] = [await scene.open(), await scene.open({ server: false })]
    const asked = await ledger.hold({ lane: 'x', holder: 'A', ttl: '60s' })
    const other = await ledger.hold({ lane: 'y', holder: 'A', ttl: '60s' })
    if (asked.outcome !== 'granted' || other.outcome !== 'granted') throw new Error(asked.outcome)
    const server = await scene.serve()
    // Within a second nobody looks.
    await ledger.spawn({ lane: 'z', holder: 'A' })
    expect(server.connections).toBe(0)
    await pause(AFTER_A_LOOK_MS)
    await ledger.spawn({ lane: 'z', holder: 'A' })
    await expect.poll(() => server.connections).toBe(1)
    await asked.lease.beat()
    expect(await asked.lease.guard(token => token)).toBe(asked.lease.token)
    await operator.halt({ handle: 'h', lane: 'x' })
    await expect.poll(() => asked.lease.haltRequested.aborted).toBe(true)
    await server.stop()
    await operator.scavenge({ lane: 'y', token: other.lease.token, force: true })
    await expect.poll(() => other.lease.signal.aborted).toBe(true)
    expect(await ledger.acquire({ lane: 'w', holder: 'A' })).toMatchObject({ outcome: 'granted', repeated: false })
    await ledger.close()
  })

  it('is not kept by a ledger that is closed while it looks', async () => {
    await using scene = await Scene.make()
    const ledger = await scene.open()
    const server = await scene.serve()
    await pause(AFTER_A_LOOK_MS)
    await Promise.all([ledger.spawn({ lane: 'z', holder: 'A' }), ledger.close()])
    await pause(100)
    expect(server.connections).toBe(0)
    expect(await scene.types()).toEqual(['SPAWN'])
  })

  it('is looked for again after a look that failed', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    const door = await scene.lossy(server)
    let fails = false
    let looks = 0
    const find: typeof door.find = (...about) => {
      looks += 1
      return fails ? Promise.reject(new Error('nobody can look')) : door.find(...about)
    }
    const ledger = await scene.open({ server: find })
    await server.stop()
    fails = true
    for (const lane of ['x', 'y']) {
      const before = looks
      await pause(AFTER_A_LOOK_MS)
      expect(await ledger.acquire({ lane, holder: 'A' })).toMatchObject({ outcome: 'granted' })
      expect(looks).toBe(before + 1)
    }
    await ledger.close()
  })
})

describe('a store that is named by the socket of its server', () => {
  it.each(['acquire', 'run'])('is that store, on the command line: %s', async command => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    const store = `unix:${server.socket}`
    const rest = command === 'run' ? ['--', 'true'] : []
    const asked = await new Holdfast().call([command, 'x', '--holder', 'A', '--store', store, ...rest])
    expect(asked).toMatchObject({ exitCode: 0 })
    const { answer } = await new Holdfast().ask('leases', `--store=${store}`)
    expect(answer).toMatchObject({ leases: command === 'run' ? [] : [{ lane: 'x' }] })
    expect((await scene.log()).map(({ type }) => type)).toContain('ACQUIRE')
  })

  it('is that store in a program, where HOLDFAST_STORE names it', async () => {
    await using scene = await Scene.make()
    const server = await scene.serve()
    vi.stubEnv('HOLDFAST_STORE', `unix:${server.socket}`)
    const ledger = await openLedger()
    vi.unstubAllEnvs()
    expect(await ledger.acquire({ lane: 'x', holder: 'A' })).toMatchObject({ outcome: 'granted' })
    expect(server.connections).toBe(1)
    await ledger.close()
    expect(await scene.types()).toEqual(['ACQUIRE'])
  })

  it('is said not to be there where no server answers', async () => {
    await using scene = await Scene.make()
    const store = `unix:${scene.folder}/none.sock`
    const { exitCode, stderr } = await new Holdfast().call(['leases', '--store', store])
    expect({ exitCode, stderr }).toEqual({ exitCode: 5, stderr: expect.stringContaining('none.sock') as string })
  })
})
