import { mcpDoor } from '@holdfast/mcp'
import { TokenStore } from '@holdfast/server'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { Holdfast } from '../cli/holdfast.ts'
import { ALL, HttpScene } from '../http/http-scene.ts'
import { Scene } from '../server/scene.ts'
import { Agent } from './clients.ts'

const scene = (): Promise<HttpScene> => HttpScene.make({ mcp: async () => mcpDoor('test') })

const headers = (token: string, holder?: string): Record<string, string> => {
  return { Authorization: `Bearer ${token}`, ...(holder === undefined ? {} : { 'Holdfast-Holder': holder }) }
}

it('serves both protocols with the rights of the token', async () => {
  await using http = await scene()
  const token = http.token({
    name: 'agents',
    can: ['read', 'acquire', 'release', 'heartbeat'],
    holders: ['a-*'],
    lanes: ['src*'],
  })
  await using newest = await Agent.byHttp(`${http.url}/mcp`, headers(token, 'a-1'))
  await using older = await Agent.byHttp(`${http.url}/mcp/default`, headers(token, 'a-2'), {})
  expect(newest.client.getNegotiatedProtocolVersion()).toBe('2026-07-28')
  expect(older.client.getNegotiatedProtocolVersion()).toBe('2025-11-25')
  const granted = await newest.call('claim', { paths: ['src'], request_id: '1' })
  expect(granted).toMatchObject({ outcome: 'granted', lease: 'src@1' })
  const refused = await older.call('claim', { paths: ['src/a'], request_id: '1' })
  expect(refused).toMatchObject({ outcome: 'refused' })
  expect(await older.call('check', { paths: ['src/a'] })).toMatchObject({ allowed: false })
  expect(await older.raw('check', { paths: ['../a'] })).toMatchObject({ isError: true })
  const [step] = refused.next
  const waiting = older.call(step?.tool ?? '', step?.arguments)
  await expect.poll(async () => (await newest.call('status')).text).toContain('1 wait in line')
  expect(await newest.call('release', { lease: 'src@1', request_id: '2' })).toMatchObject({ outcome: 'released' })
  expect(await waiting).toMatchObject({ outcome: 'granted' })
  // What the token is not bound to.
  expect(await newest.raw('claim', { paths: ['docs'], request_id: '3' })).toMatchObject({ isError: true })
  await using other = await Agent.byHttp(`${http.url}/mcp`, headers(token, 'b-1'))
  expect(await other.raw('claim', { paths: ['src2'], request_id: '1' })).toMatchObject({ isError: true })
  const { text } = await http.get('log?type=ACQUIRE')
  expect(text).toContain('"token":"agents"')
})

it('lets nobody in without a token, and nobody write without a name', async () => {
  await using http = await scene()
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const sent = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' },
    body: JSON.stringify(call),
  }
  expect((await http.ask('/mcp', sent)).status).toBe(401)
  const bound = http.token({ name: 'elsewhere', can: ['read'], ledgers: ['other'] })
  const asOther = { ...sent, headers: { ...sent.headers, Authorization: `Bearer ${bound}` } }
  expect((await http.ask('/mcp/default', asOther)).status).toBe(403)
  const reader = http.token({ name: 'reader', can: ['read'] })
  await using agent = await Agent.byHttp(`${http.url}/mcp`, headers(reader))
  const nameless = await agent.raw('claim', { paths: ['src'], request_id: '1' })
  expect(nameless.isError).toBe(true)
  expect(agent.heard.at(-1)).toContain('Holdfast-Holder')
  await using named = await Agent.byHttp(`${http.url}/mcp`, headers(reader, 'r'))
  expect(await named.raw('claim', { paths: ['src'], request_id: '1' })).toMatchObject({ isError: true })
  expect(named.heard.at(-1)).toContain('lacks the right acquire')
  expect(await named.read('holdfast://leases')).toEqual([])
  // Each tool and each resource asks for its right.
  const writer = http.token({ name: 'writer', can: ['acquire', 'heartbeat'] })
  await using blind = await Agent.byHttp(`${http.url}/mcp`, headers(writer, 'w'))
  expect(await blind.call('claim', { paths: ['src'], request_id: '1' })).toMatchObject({ outcome: 'granted' })
  expect(JSON.stringify(await blind.read('holdfast://leases'))).toContain('lacks the right read')
  for (const [tool, given, right] of [
    ['release', { lease: 'src@1', request_id: '2' }, 'release'],
    ['check', { paths: ['src/a'] }, 'read'],
    ['wait', { paths: ['src/a'], seconds: 0 }, 'read'],
    ['status', {}, 'read'],
    ['why', { about: 'src' }, 'read'],
    ['halt_requests', {}, 'read'],
  ] as const) {
    expect(await blind.raw(tool, given), tool).toMatchObject({ isError: true })
    expect(blind.heard.at(-1), tool).toContain(`lacks the right ${right}`)
  }
})

it('takes a name of a holder as the command line does, and says what is wrong with another one', async () => {
  await using http = await scene()
  const call = async (holder: string, name: string, given: object) => {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given } }
    const types = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' }
    const options = {
      method: 'POST',
      headers: { ...headers(http.owner, holder), ...types },
      body: JSON.stringify(body),
    }
    return (await http.ask('/mcp', options)).text
  }
  for (const holder of ['', ' ', 'x'.repeat(257), 'a\tb']) {
    for (const [tool, given] of [
      ['claim', { lane: 'x', request_id: '1' }],
      ['check', { paths: ['a'] }],
      ['status', {}],
    ] as const) {
      const answer = await call(holder, tool, given)
      expect(answer, `${JSON.stringify(holder)} ${tool}`).toContain('Holdfast-Holder')
      expect(answer).toContain('"isError":true')
    }
  }
  expect(await call('agent-\u00e9', 'claim', { lane: 'x', request_id: '1' })).toContain('x@1 is yours')
  expect((await http.get('leases')).json).toMatchObject({ leases: [{ holder: 'agent-\u00e9' }] })
  expect(await call('a', 'claim', { paths: ['C:\\\\x'], request_id: '2' })).toContain('an absolute path')
})

it('tells nobody of a lease that another token was granted under the same request id', async () => {
  await using http = await scene()
  const [agents, other] = [
    http.token({ name: 'agents', can: ['read', 'acquire'] }),
    http.token({ name: 'other', can: ['read', 'acquire'] }),
  ]
  const key = { headers: { 'Idempotency-Key': 'agents/1' } }
  const asked = { lane: 'src', holder: 'a', region: ['src/**'], ttl: '15m' }
  expect((await http.post('acquire', asked, { token: other, ...key })).status).toBe(201)
  await using agent = await Agent.byHttp(`${http.url}/mcp`, headers(agents, 'a'))
  const told = await agent.call('claim', { lane: 'src', globs: ['src/**'], request_id: '1' })
  expect(told).toMatchObject({ outcome: 'refused' })
  expect(told.text).toContain('somebody else')
  expect(await agent.call('check', { paths: ['src/a'] })).toMatchObject({ allowed: false })
  // The other way round: what a session holds, no other token gets by a key.
  const own = await agent.call('claim', { lane: 'docs', globs: ['docs/**'], request_id: '2' })
  expect(own).toMatchObject({ outcome: 'granted' })
  const guessed = { headers: { 'Idempotency-Key': 'agents/2' } }
  const docs = { lane: 'docs', holder: 'a', region: ['docs/**'], ttl: '15m' }
  expect((await http.post('acquire', docs, { token: other, ...guessed })).status).toBe(409)
})

it('renews by calls alone, and tells once what was lost and who asks to stop', async () => {
  await using http = await scene()
  await using agent = await Agent.byHttp(`${http.url}/mcp`, headers(http.owner, 'a'))
  await agent.call('claim', { paths: ['src'], request_id: '1', ttl_seconds: 10 })
  const safeUntil = async (): Promise<unknown> => agent.read('holdfast://holder/a')
  const before = await safeUntil()
  const startedMs = Date.now()
  // A twentieth of the TTL has to be over before a beat is worth it.
  while (Date.now() - startedMs < 600) expect(await safeUntil()).toEqual(before)
  await agent.call('explain')
  expect(await safeUntil()).toEqual(before)
  await agent.call('status')
  expect(await safeUntil()).not.toEqual(before)

  await http.post('halt', { handle: 'h', lane: 'src', reason: 'burns money' })
  expect((await agent.call('halt_requests')).news).toEqual([expect.stringContaining('burns money')])
  expect((await agent.call('status')).news).toEqual([])
  await http.post('scavenge', { lane: 'src', token: 1, force: true })
  const lost = await agent.call('check', { paths: ['src/a'] })
  expect(lost.news).toEqual([expect.stringContaining('LOST src@1')])
  expect(await agent.call('claim', { paths: ['src'], request_id: '1' })).toMatchObject({ outcome: 'ended' })
})

it('knows a claim again after the server was started anew, by its request id', async () => {
  await using store = await Scene.make()
  const http = { listen: '127.0.0.1:0', mcp: async () => mcpDoor('test') }
  const { secret } = new TokenStore(store.url).create({ name: 'owner', can: [...ALL] }, Date.now())
  const server = await store.serve({ http })
  const agent = await Agent.byHttp(`${server.http?.url}/mcp`, headers(secret, 'a'))
  await agent.call('claim', { paths: ['src'], request_id: '1' })
  await agent[Symbol.asyncDispose]()
  await server.stop()
  const anew = await store.serve({ http })
  await using later = await Agent.byHttp(`${anew.http?.url}/mcp`, headers(secret, 'a'))
  expect(await later.call('release', { lease: 'src@1', request_id: '2' })).toMatchObject({ outcome: 'refused' })
  expect(await later.call('check', { paths: ['src/a'] })).toMatchObject({ allowed: false })
  expect(await later.call('claim', { paths: ['src'], request_id: '1' })).toMatchObject({
    outcome: 'granted',
    lease: 'src@1',
  })
  expect(await later.call('release', { lease: 'src@1', request_id: '2' })).toMatchObject({ outcome: 'released' })
})

it('is a part of the real serve, which tells those who wait when it ends', async () => {
  const holdfast = new Holdfast()
  await holdfast.call(['acquire', 'src', '--holder', 'other', '--path', 'src', '--ttl', '1h'])
  const { answer } = await holdfast.ask('token', 'create', '--name', 'agents', '--can', 'read,acquire')
  const { secret } = z.object({ secret: z.string() }).parse(answer)
  const { child, ended } = holdfast.start(['serve', '--listen', '127.0.0.1:0'])
  let said = ''
  child.stdout.on('data', (piece: Buffer) => (said += piece.toString()))
  await expect.poll(() => said, { timeout: 20_000 }).toContain('listening for HTTP')
  const place = /"listen":"([^"]+)"/.exec(said)?.[1]
  const agent = await Agent.byHttp(`http://${place}/mcp`, headers(secret, 'a'))
  const waiting = agent.raw('claim', { paths: ['src/a'], request_id: '1', wait_seconds: 300 })
  const other = await Agent.byHttp(`http://${place}/mcp`, headers(secret, 'b'))
  await expect.poll(async () => (await other.call('status')).text, { timeout: 20_000 }).toContain('1 wait in line')
  child.kill('SIGTERM')
  const settled = await waiting.catch((error: unknown) => error)
  expect(settled).not.toMatchObject({ structuredContent: { outcome: 'granted' } })
  expect(await ended).toMatchObject({ exitCode: 0 })
  await Promise.all([agent, other].map(one => one[Symbol.asyncDispose]().catch(() => {})))
})
