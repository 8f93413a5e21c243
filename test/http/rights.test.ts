import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fc, it as property } from '@fast-check/vitest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matchesName } from '../../packages/server/src/tokens/name-pattern.ts'
import { ALL, HttpScene } from './http-scene.ts'

let at: HttpScene
beforeAll(async () => {
  at = await HttpScene.make()
})
afterAll(() => at[Symbol.asyncDispose]())

const REQUESTS = {
  acquire: { lane: 'ci/a', holder: 'ci-1' },
  heartbeat: { lane: 'ci/a', holder: 'ci-1', token: 1 },
  release: { lane: 'ci/a', holder: 'ci-1', token: 1 },
  spawn: { lane: 'ci/a', holder: 'ci-1' },
  halt: { handle: 'h', lane: 'ci/a' },
  adopt: { lane: 'ci/a', holder: 'ci-1', expectToken: 1 },
  scavenge: { lane: 'ci/a', token: 1 },
} as const

describe('a token', () => {
  it('opens what its rights say, and nothing else: 403 says which one is lacking', async () => {
    for (const [right, body] of Object.entries(REQUESTS)) {
      const others = ALL.filter(one => one !== right)
      const name = `all-but-${right}`
      const token = at.token({ name, can: others })
      const answer = await at.post(right, body, { token })
      expect(answer, right).toMatchObject({ status: 403, json: { code: 'forbidden' } })
      expect(answer.json['detail']).toContain(`lacks the right ${right}`)
    }
    const blind = at.token({ name: 'blind', can: ALL.filter(one => one !== 'read') })
    for (const path of [
      'leases',
      'liveness',
      'status',
      'why/api',
      'history/api',
      'diff?from=r0&to=r1',
      'log',
      'verify',
    ]) {
      expect((await at.get(path, { token: blind })).status, path).toBe(403)
    }
    expect((await at.post('check', { lane: 'x', token: 1 }, { token: blind })).status).toBe(403)
    const gentle = at.token({ name: 'gentle', can: ALL.filter(one => one !== 'force' && one !== 'admin') })
    const forced = await at.post('scavenge', { lane: 'x', token: 1, force: true }, { token: gentle })
    expect(forced.json['detail']).toContain('lacks the right force')
    expect((await at.ask('/v1/tokens', bearer(gentle))).status).toBe(403)
  })

  it('is bound to its ledger, its lanes and its holders, in every claim', async () => {
    const token = at.token({ name: 'bound', can: [...ALL], ledgers: ['default'], lanes: ['ci/*'], holders: ['ci-*'] })
    const asked = async (operation: string, body: object) => (await at.post(operation, body, { token })).status
    expect(await asked('acquire', { lane: 'ci/x', holder: 'ci-1' })).toBe(201)
    expect(await asked('acquire', { lane: 'prod', holder: 'ci-1' })).toBe(403)
    expect(await asked('acquire', { lane: 'CI/x', holder: 'ci-1' })).toBe(403)
    expect(await asked('acquire', { lane: 'ci/y', holder: 'ann' })).toBe(403)
    expect(await asked('acquire', { lane: 'ci/y', holder: 'ci-1', anyOf: ['prod'] })).toBe(403)
    expect(await asked('acquire', { lane: 'ci/y', holder: 'ci-1', allOf: [{ lane: 'prod' }] })).toBe(403)
    await at.post('acquire', { lane: 'prod', holder: 'ann' })
    const leases = (await at.get('leases')).json['leases'] as readonly { lane: string; leaseId: string }[]
    const leaseId = leases.find(({ lane }) => lane === 'prod')?.leaseId
    expect(await asked('halt', { handle: 'h', leaseId })).toBe(403)
    expect(await asked('halt', { handle: 'h', lane: 'ci/x', leaseId })).toBe(403)
    expect(await asked('halt', { handle: 'h', leaseId: 'ci/none@9' })).toBe(403)
    expect(await asked('halt', { handle: 'h', runId: 'r' })).toBe(403)
    expect(await asked('halt', { handle: 'h', lane: 'ci/x' })).toBe(200)
    const other = await at.ask('/v1/ledgers/other/leases', bearer(token))
    expect(other).toMatchObject({ status: 403 })
  })

  it('ends and stops leases of its own holders only', async () => {
    const token = at.token({ name: 'own', can: [...ALL], holders: ['own-*'] })
    const asked = async (operation: string, body: object) => (await at.post(operation, body, { token })).status
    const held = async (lane: string, holder: string): Promise<{ token: number; leaseId: string }> =>
      (await at.post('acquire', { lane, holder })).json['lease'] as { token: number; leaseId: string }
    const theirs = await held('theirs', 'zoe')
    const [ours, more] = [await held('ours', 'own-1'), await held('more', 'own-1')]
    const force = { force: true }
    expect(await asked('scavenge', { lane: 'theirs', token: theirs.token, ...force })).toBe(403)
    expect(await asked('adopt', { lane: 'theirs', holder: 'own-2', expectToken: theirs.token, ...force })).toBe(403)
    expect(await asked('halt', { handle: 'h', lane: 'theirs' })).toBe(403)
    expect(await asked('halt', { handle: 'h', leaseId: theirs.leaseId })).toBe(403)
    // A token that is not there yet may be anybody's.
    expect(await asked('scavenge', { lane: 'theirs', token: theirs.token + 9, ...force })).toBe(403)
    expect(await asked('halt', { handle: 'h', lane: 'nobody' })).toBe(403)
    expect(await asked('halt', { handle: 'h', lane: 'ours' })).toBe(200)
    expect(await asked('adopt', { lane: 'ours', holder: 'own-2', expectToken: ours.token, ...force })).toBe(200)
    expect(await asked('scavenge', { lane: 'more', token: more.token, ...force })).toBe(200)
    expect((await at.post('check', { lane: 'theirs', token: theirs.token })).status).toBe(200)
  })

  it('administers the tokens of its own ledgers only', async () => {
    at.token({ name: 'of-all', can: ['read'] })
    at.token({ name: 'of-other', can: ['read'], ledgers: ['other'] })
    at.token({ name: 'of-default', can: ['read'], ledgers: ['default'] })
    const token = at.token({ name: 'small-admin', can: ['admin'], ledgers: ['default'] })
    const revoked = async (name: string) =>
      (await at.ask(`/v1/tokens/${name}`, { ...bearer(token), method: 'DELETE' })).status
    expect(await revoked('of-all')).toBe(404)
    expect(await revoked('of-other')).toBe(404)
    const { tokens } = (await at.ask('/v1/tokens', bearer(token))).json as { tokens: readonly { name: string }[] }
    const names = tokens.map(({ name }) => name)
    expect(names).toContain('of-default')
    expect(names).not.toContain('of-all')
    expect(JSON.stringify(tokens)).not.toContain('hash')
    expect(await revoked('of-default')).toBe(200)
    expect(at.tokens.list().map(({ name }) => name)).toEqual(expect.arrayContaining(['of-all', 'of-other']))
  })

  it('is worth nothing once it is revoked, in what lasts as well, or has expired', async () => {
    const token = at.token({ name: 'short', can: ['read', 'acquire'] })
    await at.post('acquire', { lane: 'held', holder: 'ann' })
    const waiting = at.post('acquire?wait=60s', { lane: 'held', holder: 'ben' }, { token })
    const streaming = at.get('log', { token, headers: { Accept: 'text/event-stream' } })
    await expect.poll(async () => (await at.get('status')).json['waiting']).toBe(1)
    expect((await at.ask('/v1/tokens/short', { ...bearer(at.owner), method: 'DELETE' })).status).toBe(200)
    expect((await at.get('leases', { token })).status).toBe(401)
    expect((await waiting).status).toBe(409)
    expect((await streaming).text).toContain('the token was revoked')
    const old = at.token({ name: 'old', can: ['read'], expiresAtMs: Date.now() - 1 })
    expect((await at.get('leases', { token: old })).status).toBe(401)
  })

  it('is kept by its hash, in a file that nobody else may read', () => {
    const folder = join(`${at.scene.path}.serve`, 'tokens')
    expect(lstatSync(folder).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(folder)) {
      expect(lstatSync(join(folder, name)).mode & 0o777).toBe(0o600)
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain(at.owner.split('.')[2])
    }
    expect(() => at.token({ name: 'owner', can: ['read'] })).toThrow(/is there/)
    expect(() => at.token({ name: '../x', can: ['read'] })).toThrow(/lower-case/)
    expect(() => at.token({ name: 'page', can: ['read'] })).toThrow(/the page/)
  })

  it('is asked for: none is 401, a bad one as well, and too many bad ones are slowed down', async () => {
    await using fresh = await HttpScene.make()
    const none = await fresh.ask('/v1/ledgers')
    expect(none).toMatchObject({ status: 401, json: { code: 'no-token' } })
    expect(none.headers['www-authenticate']).toContain('Bearer')
    const guess = (name: string) => fresh.get('leases', { token: `holdfast.${name}.${'A'.repeat(43)}` })
    for (const wrong of ['owner', 'nobody']) expect((await guess(wrong)).status).toBe(401)
    const statuses = await Promise.all(Array.from({ length: 110 }, () => guess('owner')))
    expect(statuses.filter(({ status }) => status === 429).length).toBe(12)
    // Others behind the same address go on.
    expect((await fresh.get('leases')).status).toBe(200)
  })
})

describe('a name pattern', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 6 })
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 6 })

  property.prop([pattern, word])('matches as its regular expression does', (glob, name) => {
    const model = new RegExp(`^${glob.split('*').join('.*')}$`, 's')
    expect(matchesName(glob, name)).toBe(model.test(name))
  })
})

function bearer(token: string) {
  return { headers: { Authorization: `Bearer ${token}` } }
}
