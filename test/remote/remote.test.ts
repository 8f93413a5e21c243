import type { Observable } from 'rxjs'
import { identify, thisProcess } from '@holdfast/engine'
import { verifyLedger } from '@holdfast/projections'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { holding } from '../engine/harness/holding.ts'
import { ALL } from '../http/http-scene.ts'
import { RemoteScene } from './remote-scene.ts'

const ELSEWHERE = { host: 'far', bootId: 'b', pidNamespace: 'n', pid: 7, processStart: '1' }

let at: RemoteScene
beforeAll(async () => {
  at = await RemoteScene.make()
})
afterAll(() => at[Symbol.asyncDispose]())

/** The first value for which it holds. */
function first<T>(source: Observable<T>, holds: (value: T) => boolean): Promise<T> {
  return new Promise((resolve, reject) => {
    const following = source.subscribe({
      next: value => {
        if (!holds(value)) return
        setImmediate(() => following.unsubscribe())
        resolve(value)
      },
      error: reject,
    })
  })
}

describe('a ledger by HTTP', () => {
  it('holds with beats under a guard, waits, hears of a HALT, and answers questions', async () => {
    const [a, b] = [await at.open(), await at.open()]
    const held = await holding(a, { lane: 'x', holder: 'A', ttl: '60s' })
    expect(await held.guard(token => token)).toBe(held.lease.token)
    await held.beat()
    expect((await b.leases()).map(({ lane }) => lane)).toContain('x')
    expect(await b.check('x', held.lease.token)).toMatchObject({ outcome: 'held' })
    const refused: string[] = []
    const waited = b.hold({ lane: 'x', holder: 'B', wait: '30s', onRefused: ({ code }) => refused.push(code) })
    await expect.poll(() => refused.length).toBeGreaterThan(0)
    await b.halt({ handle: 'h', lane: 'x', reason: 'enough' })
    await expect.poll(() => held.haltRequested.aborted).toBe(true)
    await held.release()
    const granted = await waited
    if (granted.outcome !== 'granted') throw new Error(granted.outcome)
    expect(await granted.lease.guard(token => token)).toBe(granted.lease.lease.token)
  })

  it('shows the live set, the verdicts and the events as streams', async () => {
    const a = await at.open()
    const [leases, verdict, event] = [
      first(a.liveLeases$, all => all.some(({ lane }) => lane === 'streamed')),
      first(a.liveness$, ({ lane }) => lane === 'streamed'),
      first(a.events$, ({ type }) => type === 'ACQUIRE'),
    ]
    await a.acquire({ lane: 'streamed', holder: 'A' })
    expect((await leases).length).toBeGreaterThan(0)
    expect((await verdict).leaseId).toMatch(/^streamed@/)
    expect(await event).toMatchObject({ type: 'ACQUIRE' })
    expect(await verifyLedger(a.store, a.stream)).toMatchObject({ ok: true })
  })

  it('reads the log as the store has it: forwards, backwards, from anywhere, and the CHECKPOINT that it begins with', async () => {
    await using mine = await RemoteScene.make()
    const [here, there] = [await mine.http.scene.open({ server: false }), await mine.open()]
    for (let count = 0; count < 12; count += 1) await here.spawn({ lane: `l${count}`, holder: 'A' })
    const read = async (ledger: typeof here, options: object): Promise<readonly number[]> => {
      const revisions: number[] = []
      for await (const entries of ledger.store.read('default', options)) revisions.push(...entries.map(e => e.revision))
      return revisions
    }
    for (const options of [
      {},
      { from: 5 },
      { limit: 3 },
      { direction: 'backwards' },
      { direction: 'backwards', from: 4, limit: 2 },
      { from: 99 },
    ]) {
      expect(await read(there, options), JSON.stringify(options)).toEqual(await read(here, options))
    }
    expect(await there.store.latestCheckpoint('default')).toEqual(await here.store.latestCheckpoint('default'))
    expect(await there.store.head('default')).toBe(await here.store.head('default'))
    expect(await there.store.archive('default')).toEqual(await here.store.archive('default'))
    expect(there.store.clock).toBe('steady')
  })

  it('writes nothing by itself: what a server does not decide is refused, and says where it is done', async () => {
    const a = await at.open()
    await expect(a.checkpoint()).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('on its host') as string,
    })
    await expect(a.store.compact('default', 0 as never)).rejects.toMatchObject({ code: 'invalid' })
  })

  it('is the one that was asked for, and no other: none of that name is said', async () => {
    await expect(at.open({ ledger: 'none' })).rejects.toMatchObject({ code: 'no-ledger' })
    await expect(at.open({ lockDeadlineMs: 200 }, 'http://127.0.0.1:1')).rejects.toMatchObject({ code: 'unavailable' })
    await expect(at.open({}, 'http://me:secret@127.0.0.1:1')).rejects.toThrow(/no user, no password/)
    await expect(at.open({ token: '' })).rejects.toMatchObject({ code: 'invalid', detail: 'no-token' })
  })
})

describe('who comes by a token', () => {
  it('is recorded with its name, and with what its host says of the process', async () => {
    const a = await at.open({ actor: ELSEWHERE })
    await a.spawn({ lane: 'recorded', holder: 'A' })
    await (await at.open()).spawn({ lane: 'recorded', holder: 'B' })
    const actors = (await at.http.scene.log())
      .filter(entry => entry.type === 'SPAWN' && entry.data.lane === 'recorded')
      .map(entry => (entry.type === 'SPAWN' ? entry.actor : null))
    expect(actors[0]).toMatchObject({ ...ELSEWHERE, token: 'owner' })
    expect(actors[1]).toMatchObject({ ...thisProcess(), token: 'owner' })
  })

  it('binds its leases to processes of other hosts alone: to the prober they are unknown', async () => {
    const a = await at.open({ actor: ELSEWHERE })
    const far = await holding(a, { lane: 'far', holder: 'A', ttl: '60s' })
    expect(far.lease.process).toMatchObject(ELSEWHERE)
    const workTree = { id: 'elsewhere', path: '/elsewhere' }
    const near = await a.acquire({ lane: 'near', holder: 'A', process: identify(process.pid), workTree })
    expect(near).toMatchObject({ outcome: 'granted', lease: { process: null, workTree: null } })
    const judged = (await at.http.get('liveness')).json['liveness'] as readonly { lane: string; process?: unknown }[]
    expect(JSON.stringify(judged.find(({ lane }) => lane === 'far'))).toContain('unknown')
  })

  const asks = {
    acquire: a => a.acquire({ lane: 'r', holder: 'A' }),
    release: a => a.release({ lane: 'r', holder: 'A', token: 1 }),
    heartbeat: a => a.heartbeat({ lane: 'r', holder: 'A', token: 1 }),
    spawn: a => a.spawn({ lane: 'r', holder: 'A' }),
    adopt: a => a.adopt({ lane: 'r', newHolder: 'B', expectToken: 1 }),
    scavenge: a => a.scavenge({ lane: 'r', token: 1 }),
    halt: a => a.halt({ handle: 'h', lane: 'r' }),
  } satisfies Record<string, (a: Awaited<ReturnType<RemoteScene['open']>>) => Promise<unknown>>

  it('may what its rights say, command by command; without `read` it does not connect', async () => {
    for (const [right, ask] of Object.entries(asks)) {
      const token = at.http.token({ name: `not-${right}`, can: ALL.filter(one => one !== right) })
      const a = await at.open({ token })
      await expect(ask(a), right).rejects.toMatchObject({ code: 'invalid', detail: 'forbidden' })
      await expect(ask(a), right).rejects.toThrow(`lacks the right ${right}`)
    }
    const gentle = await at.open({ token: at.http.token({ name: 'gentle', can: ALL.filter(one => one !== 'force') }) })
    await expect(gentle.scavenge({ lane: 'r', token: 1, force: true })).rejects.toThrow('lacks the right force')
    await expect(gentle.adopt({ lane: 'r', newHolder: 'B', expectToken: 1, force: true })).rejects.toThrow(
      'right force',
    )
    const noAcquire = await at.open({ token: at.http.token({ name: 'no-wait', can: ['read'] }) })
    await expect(noAcquire.acquire({ lane: 'r', holder: 'A' }, { wait: '1s' })).rejects.toThrow(
      'lacks the right acquire',
    )
    await expect(noAcquire.withdraw({ holder: 'A', requestId: 'q' })).rejects.toThrow('lacks the right acquire')
    const blind = at.http.token({ name: 'blind', can: ['acquire', 'release', 'heartbeat'] })
    await expect(at.open({ token: blind })).rejects.toMatchObject({ code: 'invalid', detail: 'forbidden' })
  })

  it('is bound to its ledger, lanes and holders, in every claim, for waits and withdrawals as well', async () => {
    const can = [...ALL]
    const a = await at.open({ token: at.http.token({ name: 'bound', can, lanes: ['ci/*'], holders: ['ci-*'] }) })
    expect((await a.acquire({ lane: 'ci/x', holder: 'ci-1' })).outcome).toBe('granted')
    const no = { code: 'invalid', detail: 'forbidden' }
    await expect(a.acquire({ lane: 'prod', holder: 'ci-1' })).rejects.toMatchObject(no)
    await expect(a.acquire({ lane: 'ci/y', holder: 'ann' })).rejects.toMatchObject(no)
    await expect(a.acquire({ lane: 'ci/y', holder: 'ci-1', anyOf: ['prod'] })).rejects.toMatchObject(no)
    await expect(a.acquire({ lane: 'prod', holder: 'ci-1' }, { wait: '1s' })).rejects.toMatchObject(no)
    const owner = await at.open()
    await owner.acquire({ lane: 'prod', holder: 'zoe' })
    const waiting = new AbortController()
    const waited = owner.acquire(
      { lane: 'prod', holder: 'ci-9', requestId: 'in-line' },
      { wait: '60s', signal: waiting.signal },
    )
    await expect.poll(async () => (await at.http.get('status')).json['waiting']).toBe(1)
    await expect(a.withdraw({ holder: 'ci-9', requestId: 'in-line' })).rejects.toMatchObject(no)
    waiting.abort()
    await waited
    const other = at.http.token({ name: 'other-ledger', can, ledgers: ['other'] })
    await expect(at.open({ token: other })).rejects.toMatchObject(no)
  })
})
