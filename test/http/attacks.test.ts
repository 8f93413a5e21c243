import { chmodSync, copyFileSync, mkdirSync, renameSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { boundHalt } from '../../packages/server/src/http/halt-target.ts'
import { LASTING_OF_TOKEN_MAX } from '../../packages/server/src/http/lasting.ts'
import { BAD_TOKENS_MAX, BadTokens } from '../../packages/server/src/tokens/bad-tokens.ts'
import { HttpScene } from './http-scene.ts'

let at: HttpScene
/** What the server calls an error or warns of. */
const said: string[] = []
beforeAll(async () => {
  const say = (_fields: object, message: string): void => void said.push(message)
  at = await HttpScene.make({}, { log: { info: () => {}, warn: say, error: say } })
})
afterAll(() => at[Symbol.asyncDispose]())

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })

describe('a stream that is asked to go on after what is not there yet', () => {
  it('is refused as bad input: no client makes the server tell of a store that was rolled back', async () => {
    const head = Number((await at.get('status')).json['head'])
    const events = { Accept: 'text/event-stream' }
    const before = said.length
    for (const [path, headers] of [
      ['log', { ...events, 'Last-Event-ID': String(head + 1) }],
      ['log', { ...events, 'Last-Event-ID': '99999' }],
      [`log?from=r${head + 2}`, events],
      ['follow', { ...events, 'Last-Event-ID': '99999' }],
      [`follow?from=r${head + 2}`, events],
    ] as const) {
      const answer = await at.get(path, { headers })
      expect(answer, path).toMatchObject({ status: 422, json: { code: 'invalid-input' } })
      expect(answer.json['detail']).toContain(`the newest revision is r${head}`)
    }
    expect(said.slice(before)).toEqual([])
    expect((await at.ask('/metrics', bearer(at.owner))).text).not.toMatch(/holdfast_store_errors_total\{.*corrupt/)
  })
})

describe('a token without the right', () => {
  it('is told so before the ledger is looked for, so that it learns of none', async () => {
    const token = at.token({ name: 'reader', can: ['read'] })
    for (const ledger of ['default', 'none']) {
      const answer = await at.ask(`/v1/ledgers/${ledger}/acquire`, {
        method: 'POST',
        headers: { ...bearer(token).headers, 'Content-Type': 'application/json' },
        body: JSON.stringify({ lane: 'a', holder: 'b' }),
      })
      expect(answer, ledger).toMatchObject({ status: 403, json: { code: 'forbidden' } })
    }
  })
})

describe('a token that cannot be looked up', () => {
  it('is neither good nor bad: 503, and nobody is slowed down for it', async () => {
    await using broken = await HttpScene.make()
    const tokens = join(`${broken.scene.path}.serve`, 'tokens')
    renameSync(tokens, `${tokens}.away`)
    // As too many open files do, this keeps the file from being opened without saying that there is none.
    writeFileSync(tokens, '')
    for (let count = 0; count < 105; count += 1) {
      const answer = await broken.get('leases')
      expect(answer).toMatchObject({ status: 503, json: { code: 'unavailable' } })
      expect(answer.headers['retry-after']).toBe('1')
      expect(answer.text).not.toContain(broken.scene.folder)
    }
    rmSync(tokens)
    renameSync(`${tokens}.away`, tokens)
    expect((await broken.get('leases')).status).toBe(200)
    const guess = `holdfast.owner.${'A'.repeat(43)}`
    expect((await broken.get('leases', { token: guess })).status).toBe(401)
  })

  it('is none where a folder or a link stands in its place', async () => {
    const path = join(`${at.scene.path}.serve`, 'tokens', 'folder.json')
    mkdirSync(path)
    expect((await at.get('leases', { token: `holdfast.folder.${'A'.repeat(43)}` })).status).toBe(401)
    rmdirSync(path)
  })
})

describe('the key of a request that was granted', () => {
  it('gives the lease again to the same token alone: two tokens with one holder and one key are two', async () => {
    const [ours, theirs] = [at.token({ name: 'one', can: ['acquire'] }), at.token({ name: 'two', can: ['acquire'] })]
    const asked = { lane: 'keyed', holder: 'same', region: ['keyed/**'] }
    const key = { headers: { 'Idempotency-Key': 'key-1' } }
    const first = await at.post('acquire', asked, { token: ours, ...key })
    expect(first.status).toBe(201)
    for (const path of ['acquire', 'acquire?wait=1s']) {
      expect((await at.post(path, asked, { token: ours, ...key })).json).toMatchObject({ repeated: true })
      const other = await at.post(path, asked, { token: theirs, ...key })
      expect(other, path).toMatchObject({ status: 409, json: { code: 'request-id-reused' } })
      expect(other.text).not.toContain('"lease"')
    }
    await using ledger = await at.scene.open({ server: false })
    await ledger.acquire({ lane: 'local', holder: 'same', requestId: 'key-2', process: null })
    const elsewhere = { headers: { 'Idempotency-Key': 'key-2' } }
    expect((await at.post('acquire', { lane: 'local', holder: 'same' }, { token: theirs, ...elsewhere })).status).toBe(
      409,
    )
  })
})

describe('a token file', () => {
  it('counts only as this user keeps it: not by a link, not where others may read it, not under another name', async () => {
    const folder = join(`${at.scene.path}.serve`, 'tokens')
    const token = at.token({ name: 'kept', can: ['read'] })
    const status = async (given = token) => (await at.get('leases', { token: given })).status
    const file = join(folder, 'kept.json')
    expect(await status()).toBe(200)
    chmodSync(file, 0o640)
    expect(await status()).toBe(401)
    chmodSync(file, 0o600)
    copyFileSync(file, join(folder, 'other.json'))
    expect(await status(token.replace('.kept.', '.other.'))).toBe(401)
    renameSync(file, join(at.scene.folder, 'elsewhere.json'))
    symlinkSync(join(at.scene.folder, 'elsewhere.json'), file)
    expect(await status()).toBe(401)
    rmSync(file)
    writeFileSync(file, '{"version":1', { mode: 0o600 })
    expect(await status()).toBe(401)
  })
})

describe('rights beside each other', () => {
  it('force is asked for by adopt as by scavenge, and a ledger of others is not listed', async () => {
    const gentle = at.token({ name: 'gentle', can: ['adopt', 'scavenge'] })
    for (const [operation, body] of [
      ['adopt', { lane: 'x', holder: 'h', expectToken: 1, force: true }],
      ['scavenge', { lane: 'x', token: 1, force: true }],
    ] as const) {
      const answer = await at.post(operation, body, { token: gentle })
      expect(answer.status, operation).toBe(403)
      expect(answer.json['detail']).toContain('lacks the right force')
    }
    const elsewhere = at.token({ name: 'elsewhere', can: ['read'], ledgers: ['other'] })
    expect((await at.ask('/v1/ledgers', bearer(elsewhere))).text).not.toContain('default')
  })

  it('the same command under the same key by two tokens is done twice', async () => {
    const by = ['left', 'right'].map(name => at.token({ name, can: ['spawn'] }))
    for (const token of [...by, ...by]) {
      const headers = { 'Idempotency-Key': 'shared' }
      expect((await at.post('spawn', { lane: 'spawned', holder: 'h' }, { token, headers })).status).toBe(200)
    }
    const log = await at.scene.log()
    expect(log.flatMap(entry => (entry.type === 'SPAWN' ? [entry.actor?.['token']] : []))).toEqual(['left', 'right'])
  })
})

it('bad tokens of a peer are forgotten after a minute, and peers beyond a bound', () => {
  const bad = new BadTokens()
  for (let count = 1; count <= BAD_TOKENS_MAX; count += 1) expect(bad.note('a', count)).toBe(0)
  expect(bad.note('a', 1_000)).toBe(59_001)
  expect(bad.note('b', 1_000)).toBe(0)
  expect(bad.note('a', 60_001)).toBe(0)
  for (let peer = 0; peer < 3_000; peer += 1) bad.note(String(peer), 60_002)
  expect(bad.size).toBe(1_024)
})

describe('a HALT by a token that is bound to holders', () => {
  it('stops the lease that was looked at, and not whoever has the lane by then', async () => {
    const grant = { holders: ['own-*'] }
    await using ledger = await at.scene.open({ server: false })
    const first = await ledger.acquire({ lane: 'stop', holder: 'own-1' })
    if (first.outcome !== 'granted') throw new Error('it is free')
    const asked = { handle: 'h', lane: 'stop' }
    const bound = boundHalt(asked, grant, await ledger.refresh())
    expect(bound).toEqual({ ...asked, leaseId: first.lease.leaseId })
    expect(boundHalt(asked, { holders: null }, ledger.state)).toBe(asked)
    expect(boundHalt({ handle: 'h', lane: 'free' }, grant, ledger.state)).toEqual({ handle: 'h', lane: 'free' })
    await ledger.release({ lane: 'stop', holder: 'own-1', token: first.lease.token })
    await ledger.acquire({ lane: 'stop', holder: 'foreign' })
    expect(await ledger.halt(bound)).toMatchObject({ outcome: 'recorded', bound: null })
    // By HTTP it is bound as well.
    const token = at.token({ name: 'stops', can: ['halt'], holders: ['foreign'] })
    const halted = await at.post('halt', { handle: 'h', lane: 'stop' }, { token })
    expect(halted.json['bound']).toMatchObject({ leaseId: expect.stringContaining('stop@') as unknown })
  })
})

describe('a method that a path does not have', () => {
  it('is 405, with those that it has', async () => {
    const asked = async (method: string, path: string) => {
      const { status, headers, json } = await at.ask(path, { method, ...bearer(at.owner) })
      return { status, allow: headers['allow'], code: json['code'] }
    }
    const code = 'method-not-allowed'
    expect(await asked('PUT', '/v1/ledgers/default/leases')).toEqual({ status: 405, allow: 'GET, HEAD', code })
    expect(await asked('GET', '/v1/ledgers/default/acquire')).toEqual({ status: 405, allow: 'POST', code })
    expect(await asked('GET', '/v1/tokens/x')).toEqual({ status: 405, allow: 'DELETE', code })
    expect(await asked('POST', '/healthz')).toEqual({ status: 405, allow: 'GET, HEAD', code })
    expect(await asked('OPTIONS', '/v1/ledgers')).toEqual({ status: 405, allow: 'GET, HEAD', code })
    expect(await asked('GET', '/v1/nothing')).toMatchObject({ status: 404 })
    // Who has no token learns no more than before.
    expect((await at.ask('/v1/ledgers', { method: 'PUT' })).status).toBe(401)
  })
})

describe('one token', () => {
  it('does not take the streams of all others', async () => {
    await using scene = await HttpScene.make()
    const greedy = scene.token({ name: 'greedy', can: ['read'] })
    const events = { Accept: 'text/event-stream' }
    const streams = Array.from({ length: LASTING_OF_TOKEN_MAX }, () =>
      scene.get('log', { token: greedy, headers: events }),
    )
    await expect.poll(() => scene.door.lasting, { timeout: 10_000 }).toBe(LASTING_OF_TOKEN_MAX)
    const more = await scene.get('log', { token: greedy, headers: events })
    expect(more).toMatchObject({ status: 503, json: { code: 'busy' } })
    expect(more.json['detail']).toContain('greedy')
    const other = scene.get('log', { headers: events })
    await expect.poll(() => scene.door.lasting).toBe(LASTING_OF_TOKEN_MAX + 1)
    scene.tokens.revoke('greedy')
    for (const { text } of await Promise.all(streams)) expect(text).toContain('the token was revoked')
    await scene.scene.stop()
    expect((await other).text).toContain('the server ends')
  })
})

describe('a server that ends', () => {
  it('tells who waits in line that it ends, not that the lease is refused', async () => {
    await using ending = await HttpScene.make()
    await ending.post('acquire', { lane: 'line', holder: 'ann', ttl: '1h' })
    const waiting = ending.post('acquire?wait=60s', { lane: 'line', holder: 'ben' })
    await expect.poll(async () => (await ending.get('status')).json['waiting']).toBe(1)
    await ending.scene.stop()
    const told = await waiting
    expect(told).toMatchObject({ status: 503, json: { code: 'closing' } })
    expect(told.headers['retry-after']).toBe('1')
  })
})
