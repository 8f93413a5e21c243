import { truncateSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { HttpScene, type Answer } from './http-scene.ts'

const Response = z.looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.unknown() })).optional() })
const Operation = z.looseObject({ responses: z.record(z.string(), Response) })
const Document = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), Operation)) })
type Document = z.infer<typeof Document>

/** What is no part of the interface for programs: the page, its way in, and a protocol of its own. */
const ELSEWHERE = ['/', '/open', '/mcp', '/openapi.json']

let at: HttpScene
let document: Document
/** Operations of the document that were asked. */
const asked = new Set<string>()
beforeAll(async () => {
  at = await HttpScene.make({ metrics: async () => '# none\n' })
  document = Document.parse((await at.ask('/openapi.json')).json)
})
afterAll(() => at[Symbol.asyncDispose]())

function operationAt(method: string, path: string): readonly [string, z.infer<typeof Operation>] {
  const [place = ''] = path.split('?')
  const fits = (template: string): boolean => {
    const [parts, names] = [place.split('/'), template.split('/')]
    return parts.length === names.length && names.every((name, index) => name.startsWith('{') || name === parts[index])
  }
  // One that has fewer variables is meant.
  const found = Object.keys(document.paths)
    .filter(fits)
    .toSorted((a, b) => a.split('{').length - b.split('{').length)
    .find(template => document.paths[template]?.[method.toLowerCase()] !== undefined)
  const operation = document.paths[found ?? '']?.[method.toLowerCase()]
  if (found === undefined || operation === undefined) throw new Error(`${method} ${path} is not in the document`)
  return [`${method} ${found}`, operation]
}

/** Holds an answer against what the document says of it. */
function held(method: string, path: string, { status, headers, text }: Answer): void {
  const [name, { responses }] = operationAt(method, path)
  asked.add(name)
  const what = `${method} ${path}: ${status}`
  const content = responses[String(status)]?.content
  expect(Object.keys(responses), what).toContain(String(status))
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  expect(Object.keys(content ?? {}), what).toContain(type)
  if (!type.endsWith('json')) return
  const schema = z.fromJSONSchema(z.record(z.string(), z.unknown()).parse(content?.[type]?.schema))
  const parsed = schema.safeParse(JSON.parse(text))
  expect(parsed.success ? [] : parsed.error.issues, `${what} ${text}`).toEqual([])
}

async function get(path: string, headers: Record<string, string> = {}, scene = at): Promise<Answer> {
  const answer = await scene.ask(path, { headers: { Authorization: `Bearer ${scene.owner}`, ...headers } })
  held('GET', path, answer)
  return answer
}

async function post(operation: string, body: unknown, options: Parameters<HttpScene['post']>[2] = {}, scene = at) {
  const answer = await scene.post(operation, body, options)
  held('POST', `/v1/ledgers/default/${operation}`, answer)
  return answer
}

describe('the document', () => {
  it('describes what every command is answered with', async () => {
    const lease = { lane: 'a', holder: 'h', region: ['a/**'], runId: 'run', reason: 'why' }
    expect((await post('acquire', lease, { headers: { 'Idempotency-Key': 'k' } })).status).toBe(201)
    expect((await post('acquire', lease, { headers: { 'Idempotency-Key': 'k' } })).status).toBe(201)
    expect((await post('acquire', { lane: 'b', holder: 'i', region: ['a/b'] })).status).toBe(409)
    expect((await post('acquire?wait=1ms', { lane: 'b', holder: 'i', allOf: [{ lane: 'a' }] })).status).toBe(409)
    expect((await post('acquire', { lane: 'c', holder: 'h', anyOf: ['d'] })).status).toBe(201)
    const own = { lane: 'a', holder: 'h', token: 1 }
    expect((await post('heartbeat', { ...own, activity: { label: 'long', expected: '1m' } })).status).toBe(200)
    expect((await post('check', { lane: 'a', token: 1 })).status).toBe(200)
    expect((await post('check', { lane: 'a', token: 0 })).status).toBe(410)
    expect((await post('halt', { handle: 'x', lane: 'a', reason: 'stop' })).status).toBe(200)
    expect((await post('halt', { handle: 'x', lane: 'nobody' })).status).toBe(200)
    expect((await post('spawn', { lane: 's', holder: 'h' })).status).toBe(200)
    expect((await post('adopt', { lane: 'a', holder: 'j', expectToken: 1 })).status).toBe(409)
    const adopted = await post('adopt', { lane: 'a', holder: 'j', expectToken: 1, force: true })
    expect(adopted.status).toBe(200)
    expect((await post('heartbeat', own)).status).toBe(410)
    // It gives up what its holder may still believe in.
    expect((await post('release', own)).json['outcome']).toBe('drained')
    expect((await post('acquire', lease, { headers: { 'Idempotency-Key': 'k' } })).status).toBe(410)
    const { token } = z.object({ token: z.int() }).parse((await leaseOn('a')) ?? {})
    expect((await post('scavenge', { lane: 'a', token })).status).toBe(409)
    expect((await post('scavenge', { lane: 'a', token, force: true })).status).toBe(200)
    expect((await post('scavenge', { lane: 'a', token: 99 })).status).toBe(410)
    const c = z.object({ token: z.int() }).parse((await leaseOn('c')) ?? {})
    expect((await post('release', { lane: 'c', holder: 'h', token: c.token })).status).toBe(200)
  })

  it('describes every question, also one that is asked badly', async () => {
    const ledger = '/v1/ledgers/default'
    for (const path of ['leases', 'leases?at=r2', 'liveness', 'status', 'verify', 'why/a', 'why/r3', 'history/a?n=5'])
      expect((await get(`${ledger}/${path}`)).status, path).toBe(200)
    expect((await get(`${ledger}/diff?from=r0&to=r5`)).status).toBe(200)
    expect((await get(`${ledger}/leases?at=r9999`)).status).toBe(422)
    expect((await get(`${ledger}/log?n=x`)).status).toBe(422)
    expect((await get('/v1/ledgers/none/status')).status).toBe(404)
    // Without its headers it is a path that nobody answers.
    expect((await get(`${ledger}/connect`)).status).toBe(404)
    const [, connect] = operationAt('GET', `${ledger}/connect`)
    expect(Object.keys(connect.responses)).toContain('101')
    const log = await at.get('log?n=50')
    const [, { responses }] = operationAt('GET', `${ledger}/log`)
    const line = z.fromJSONSchema(
      z.record(z.string(), z.unknown()).parse(responses['200']?.content?.['application/jsonl']?.schema),
    )
    for (const text of log.text.trim().split('\n'))
      expect(line.safeParse(JSON.parse(text)), text).toMatchObject({ success: true })
    for (const path of ['/v1/ledgers', '/v1/rights', '/v1/tokens', '/healthz', '/readyz', '/metrics'])
      expect((await get(path)).status, path).toBe(200)
    expect((await get('/metrics', { Accept: 'image/png' })).status).toBe(406)
    const revoke = async (): Promise<number> => {
      const options = { method: 'DELETE', headers: { Authorization: `Bearer ${at.owner}` } }
      const answer = await at.ask('/v1/tokens/gone', options)
      held('DELETE', '/v1/tokens/gone', answer)
      return answer.status
    }
    at.token({ name: 'gone', can: ['read'] })
    expect(await revoke()).toBe(200)
    expect(await revoke()).toBe(404)
  })

  it('describes every refusal at the door', async () => {
    const lease = { lane: 'z', holder: 'h' }
    const reader = at.token({ name: 'reader', can: ['read'] })
    expect((await post('acquire', lease, { token: reader })).status).toBe(403)
    expect((await post('acquire', lease, { token: `holdfast.x.${'A'.repeat(43)}` })).status).toBe(401)
    expect((await post('acquire', lease, { headers: { Host: 'evil.example' } })).status).toBe(421)
    expect((await post('acquire', lease, { headers: { Origin: 'https://evil.example' } })).status).toBe(403)
    expect((await post('acquire', lease, { headers: { 'Content-Type': 'text/plain' } })).status).toBe(415)
    expect((await post('acquire', { ...lease, reason: 'x'.repeat(300_000) })).status).toBe(413)
    expect((await post('acquire', { lane: 7 })).status).toBe(422)
    const torn = await at.ask('/v1/ledgers/default/acquire', {
      method: 'POST',
      headers: { Authorization: `Bearer ${at.owner}`, 'Content-Type': 'application/json' },
      body: '{',
    })
    expect(torn.status).toBe(400)
    held('POST', '/v1/ledgers/default/acquire', torn)
    const guesses = Array.from({ length: 101 }, () => get('/v1/rights', { Authorization: 'Bearer guess' }))
    expect((await Promise.all(guesses)).map(({ status }) => status)).toContain(429)
  })

  it('describes a store that fails, and one that moved', async () => {
    await using moved = await HttpScene.make()
    await using ledger = await moved.scene.open({ server: false })
    await ledger.checkpoint({ movedTo: 'sqlite:/elsewhere' })
    expect((await get('/v1/ledgers/default/leases', {}, moved)).status).toBe(502)
    expect((await post('acquire', { lane: 'x', holder: 'a' }, {}, moved)).status).toBe(502)
    await using broken = await HttpScene.make()
    expect((await broken.get('status')).status).toBe(200)
    truncateSync(broken.scene.path, 100)
    expect((await get('/readyz', {}, broken)).status).toBe(503)
  })

  it('has nothing beside that, and each operation has a name of its own', () => {
    const all = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(method => `${method.toUpperCase()} ${path}`),
    )
    // They end when their reader goes: others follow them.
    expect(all.filter(name => !asked.has(name)).filter(name => !/\/(?:log|follow)$/.test(name))).toEqual([])
    const ids = Object.values(document.paths).flatMap(path => Object.values(path).map(one => one['operationId']))
    expect(ids.filter(id => typeof id !== 'string')).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
    expect(ELSEWHERE.filter(path => document.paths[path] !== undefined)).toEqual([])
  })
})

async function leaseOn(lane: string): Promise<unknown> {
  const { leases } = z
    .object({ leases: z.array(z.looseObject({ lane: z.string() })) })
    .parse((await at.get('leases')).json)
  return leases.find(lease => lease.lane === lane)
}
