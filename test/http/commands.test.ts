import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HttpScene } from './http-scene.ts'

let at: HttpScene
beforeAll(async () => {
  at = await HttpScene.make()
})
afterAll(() => at[Symbol.asyncDispose]())

describe('a command by HTTP', () => {
  it('is granted with 201, refused with 409 and Retry-After, done with 200, and not held with 410', async () => {
    const granted = await at.post('acquire', { lane: 'api', holder: 'ann', region: ['src/**'], ttl: '1m' })
    expect(granted.status).toBe(201)
    expect(granted.json).toMatchObject({
      outcome: 'granted',
      lease: { lane: 'api', holder: 'ann', region: ['src/**'] },
    })
    const refused = await at.post('acquire', { lane: 'web', holder: 'ben', region: ['src/a'] })
    expect(refused.status).toBe(409)
    expect(refused.headers['content-type']).toBe('application/problem+json')
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(60)
    expect(refused.json).toMatchObject({
      type: 'about:blank',
      status: 409,
      outcome: 'refused',
      code: 'region-held',
      blockers: [{ leaseId: 'api@1', witness: 'src/a' }],
    })
    expect(refused.json['earliestRetryAt']).toMatch(/^\d{4}-/)
    const own = { lane: 'api', holder: 'ann', token: 1 }
    expect(await at.post('heartbeat', own)).toMatchObject({ status: 200, json: { outcome: 'beaten' } })
    expect(await at.post('check', { lane: 'api', token: 1 })).toMatchObject({ status: 200, json: { held: true } })
    expect(await at.post('release', own)).toMatchObject({ status: 200, json: { outcome: 'released' } })
    expect(await at.post('release', own)).toMatchObject({ status: 410, json: { outcome: 'not-held' } })
    expect(await at.post('check', { lane: 'api', token: 1 })).toMatchObject({ status: 410, json: { held: false } })
  })

  it('is told every fault of its input at once, each with its path', async () => {
    const bad = await at.post('acquire', { lane: '', region: 7, colour: 'red' })
    expect(bad.status).toBe(422)
    const paths = (bad.json['faults'] as readonly { path: string }[]).map(({ path }) => path).toSorted()
    expect(paths).toEqual(['colour', 'holder', 'lane', 'region'])
    expect((await at.post('acquire', { lane: 'x', holder: 'a', region: ['../x'] })).status).toBe(422)
    expect(
      (
        await at.post(
          'heartbeat',
          { lane: 'x', holder: 'a', token: 1 },
          { headers: { 'Idempotency-Key': 'x'.repeat(300) } },
        )
      ).status,
    ).toBe(422)
  })

  it('comes again under its key, and is done once', async () => {
    const key = { headers: { 'Idempotency-Key': 'k1' } }
    const request = { lane: 'again', holder: 'ann' }
    const first = await at.post('acquire', request, key)
    const second = await at.post('acquire', request, key)
    expect(second.json).toMatchObject({
      outcome: 'granted',
      repeated: true,
      lease: { token: at0(first.json['lease']) },
    })
    const halt = { handle: 'stop', lane: 'again' }
    const halted = await at.post('halt', halt, key)
    expect(await at.post('halt', halt, key)).toMatchObject({ status: 200, json: { bound: halted.json['bound'] } })
    // Another request under the same key is another one.
    await at.post('halt', { ...halt, reason: 'other' }, key)
    const log = await at.scene.log()
    expect(log.filter(({ type }) => type === 'HALT')).toHaveLength(2)
  })

  it('records whose token it came by', async () => {
    const ci = at.token({ name: 'ci', can: ['acquire'] })
    await at.post('acquire', { lane: 'named', holder: 'ci-1' }, { token: ci })
    const last = (await at.scene.log()).at(-1)
    expect(last).toMatchObject({ type: 'ACQUIRE', actor: { pid: process.pid, token: 'ci' } })
  })

  it('waits in line, and gives its place up at once when its client is gone', async () => {
    await at.post('acquire', { lane: 'line', holder: 'ann' })
    const abandoned = new AbortController()
    const waiting = at.ask('/v1/ledgers/default/acquire?wait=60s', {
      method: 'POST',
      headers: { Authorization: `Bearer ${at.owner}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ lane: 'line', holder: 'ben' }),
      signal: abandoned.signal,
    })
    waiting.catch(() => {})
    const refusals = async () =>
      (await at.scene.log()).flatMap(entry => (entry.type === 'REFUSE' ? [entry.data.code] : []))
    await expect.poll(refusals).toContain('lane-held')
    const before = (await refusals()).length
    abandoned.abort()
    await expect.poll(async () => (await refusals()).slice(before)).toEqual(['withdrawn'])
    const next = at.post('acquire?wait=60s', { lane: 'line', holder: 'cid' })
    await expect.poll(async () => (await at.get('status')).json['waiting']).toBe(1)
    const token = (await at.get('leases')).json['leases'] as readonly { lane: string; token: number }[]
    await at.post('release', { lane: 'line', holder: 'ann', token: token.find(({ lane }) => lane === 'line')?.token })
    expect(await next).toMatchObject({ status: 201, json: { lease: { holder: 'cid' } } })
  })

  it('answers for a ledger that is not there with 404, and for a store that moved away with 502', async () => {
    const none = await at.ask('/v1/ledgers/none/leases', { headers: { Authorization: `Bearer ${at.owner}` } })
    expect(none).toMatchObject({ status: 404, json: { code: 'no-ledger' } })
    await using moved = await HttpScene.make()
    await using ledger = await moved.scene.open({ server: false })
    await ledger.checkpoint({ movedTo: 'sqlite:/elsewhere' })
    expect(await moved.get('leases')).toMatchObject({ status: 502, json: { code: 'moved' } })
    expect(await moved.post('acquire', { lane: 'x', holder: 'a' })).toMatchObject({
      status: 502,
      json: { code: 'moved' },
    })
  })
})

describe('a question by HTTP', () => {
  it('is answered as of any point, and why in words', async () => {
    const then = await at.get('leases?at=r1')
    expect(then.json).toMatchObject({ head: 1, leases: [{ leaseId: 'api@1' }] })
    expect((await at.get('why/r2')).json['text']).toEqual(
      expect.arrayContaining([expect.stringContaining('region-held by api@1')]),
    )
    expect((await at.get('why/api')).json).toMatchObject({ about: 'name', name: 'api' })
    expect((await at.get('history/api')).json).toMatchObject({ lineage: [{ leaseId: 'api@1' }] })
    expect((await at.get('diff?from=r1&to=r4')).json).toMatchObject({ ended: [{ leaseId: 'api@1' }] })
    expect((await at.get('verify')).json).toMatchObject({ ok: true })
    expect((await at.get('liveness')).json['liveness']).not.toEqual([])
    expect((await at.get('leases?at=r99999')).status).toBe(422)
    const lines = (await at.get('log?n=2&type=acquire')).text.trim().split('\n')
    expect(lines.map(line => JSON.parse(line) as unknown)).toMatchObject([{ type: 'ACQUIRE' }, { type: 'ACQUIRE' }])
  })
})

function at0(lease: unknown): unknown {
  return typeof lease === 'object' && lease !== null ? Reflect.get(lease, 'token') : undefined
}
