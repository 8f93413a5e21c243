import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { SKILL } from '@holdfast/mcp/skill'
import { Holdfast } from '../cli/holdfast.ts'
import { Agent } from './clients.ts'

/** More than any tokenizer makes of JSON with English words, which is nearer to one token for four bytes. */
const BYTES_PER_TOKEN = 3
const DEFINITIONS_TOKENS_MAX = 2_000

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i

it('leads a scripted agent from a refusal to a grant by nothing but its answers', async () => {
  const holdfast = new Holdfast()
  await using first = await Agent.byStdio(holdfast.folder)
  await using second = await Agent.byStdio(holdfast.folder, [], {}, 'codex')
  expect(first.client.getNegotiatedProtocolVersion()).toBe('2026-07-28')
  expect(second.client.getNegotiatedProtocolVersion()).toBe('2025-11-25')

  const { tools } = await first.client.listTools()
  expect(tools.map(({ name }) => name).sort()).toEqual([
    'check',
    'claim',
    'explain',
    'halt_requests',
    'release',
    'status',
    'wait',
    'why',
  ])
  expect(Buffer.byteLength(JSON.stringify(tools)) / BYTES_PER_TOKEN).toBeLessThan(DEFINITIONS_TOKENS_MAX)
  expect(
    tools
      .filter(({ annotations }) => annotations?.readOnlyHint !== true)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['claim', 'release'])

  expect(await first.raw('check', { paths: ['src/a.ts'] })).toMatchObject({ isError: true })
  const granted = await first.call('claim', { paths: ['src'], request_id: '1' })
  expect(granted).toMatchObject({ outcome: 'granted', lease: 'src@1' })
  expect(granted['seconds']).toBeGreaterThan(600)
  // The answer was lost: the same call again is the same claim.
  expect(await first.call('claim', { paths: ['src'], request_id: '1' })).toMatchObject({ lease: 'src@1' })

  const refused = await second.call('claim', { paths: ['src/a.ts'], request_id: '1' })
  expect(refused).toMatchObject({ outcome: 'refused', in_the_way: [{ lease: 'src@1', path: 'src/a.ts' }] })
  expect(await second.call('check', { paths: ['src/a.ts'] })).toMatchObject({ allowed: false })
  expect(await second.call('release', { lease: 'src@1', request_id: 'x' })).toMatchObject({ outcome: 'refused' })

  const [step] = refused.next
  const waiting = second.call(step?.tool ?? '', step?.arguments)
  await expect.poll(async () => (await first.call('status')).text).toContain('1 wait in line')
  const [release] = granted.next
  expect(await first.call(release?.tool ?? '', release?.arguments)).toMatchObject({ outcome: 'released' })
  expect(await first.call(release?.tool ?? '', release?.arguments)).toMatchObject({ outcome: 'released' })
  expect(await waiting).toMatchObject({ outcome: 'granted' })
  expect(await second.call('check', { paths: ['src/a.ts'] })).toMatchObject({ allowed: true })
  const [lease] = z
    .array(z.object({ holder: z.string() }))
    .parse(await first.read(`holdfast://lane/${encodeURIComponent('src/a.ts')}`))
  expect(lease?.holder).toMatch(/^codex\/[0-9a-f]{4}$/)
  await second.call('why', { about: 'src' })
  await second.call('halt_requests')

  const heard = [...first.heard, ...second.heard].join('\n')
  expect(heard).not.toMatch(UUID)
  expect(heard).not.toMatch(/holdfast [a-z]/)
})

it('believes no other session of the same name, whatever its request id', async () => {
  const holdfast = new Holdfast()
  await using first = await Agent.byStdio(holdfast.folder, ['--holder', 'claude'])
  await using second = await Agent.byStdio(holdfast.folder, ['--holder', 'claude'])
  const claim = { paths: ['src'], request_id: '1' }
  expect(await first.call('claim', claim)).toMatchObject({ outcome: 'granted' })
  const refused = await second.call('claim', claim)
  expect(refused).toMatchObject({ outcome: 'refused' })
  expect(refused.text).toContain('it is not this session')
  expect(await second.call('check', { paths: ['src/a.ts'] })).toMatchObject({ allowed: false })
  expect(await second.call('release', { lease: 'src@1', request_id: '2' })).toMatchObject({ outcome: 'refused' })
  expect(await first.call('check', { paths: ['src/a.ts'] })).toMatchObject({ allowed: true })
})

it('gives up the place of a client that goes while it waits, keeps the lease of it, and survives whatever is sent', async () => {
  const holdfast = new Holdfast()
  await holdfast.call(['acquire', 'src', '--holder', 'other', '--path', 'src', '--ttl', '1h'])
  const { child, ended } = holdfast.start(['mcp', '--holder', 'goner'], {})
  let said = ''
  child.stdout.on('data', (piece: Buffer) => (said += piece.toString()))
  const send = (message: unknown): void => void child.stdin.write(`${JSON.stringify(message)}\n`)
  const call = (id: number, name: string, given: object): void =>
    send({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: given } })
  send({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x\u0007'.repeat(400), version: '1' },
    },
  })
  send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  child.stdin.write('{"jsonrpc": "2.0", "id": 2, "meth\n')
  child.stdin.write('[]\nnull\n\u0000\u0007\n')
  call(3, 'rm -rf', {})
  call(4, 'claim', { paths: ['x'.repeat(100_000)], request_id: '1' })
  call(5, 'claim', { paths: ['a\u0007\u001b[31m\n'], request_id: '1' })
  call(6, 'claim', { lane: '__proto__', request_id: 'constructor' })
  call(7, 'check', { paths: ['../../etc/passwd', '\u0000'] })
  call(8, 'why', { about: 'r99999999999' })
  call(9, 'explain', { topic: '__proto__' })
  call(10, 'claim', { paths: ['docs'], request_id: 'docs' })
  call(11, 'claim', { paths: ['src/a.ts'], request_id: 'w', wait_seconds: 300 })
  await expect.poll(() => said, { timeout: 20_000 }).toContain('"id":10')
  const waits = async (): Promise<string> => (await holdfast.call(['why', 'src/a.ts'])).stdout
  await expect.poll(waits, { timeout: 20_000 }).toContain('waiting  goner')
  child.stdin.end()
  expect(await ended).toMatchObject({ exitCode: 0 })
  expect(await waits()).not.toContain('waiting  goner')
  const left = await holdfast.call(['leases'])
  expect(left.stdout).toContain('docs')

  const messages = said
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { readonly jsonrpc: string; readonly id?: number })
  expect(messages.every(({ jsonrpc }) => jsonrpc === '2.0')).toBe(true)
  for (const id of [3, 4, 5, 6, 7, 8, 9, 10])
    expect(
      messages.some(message => message.id === id),
      `answer ${id}`,
    ).toBe(true)
  const told = said + (await ended).stderr
  expect(told).not.toMatch(/\n\s+at |node:internal|\.ts:\d|\.cjs:\d/)
  expect(Array.from(said).filter(letter => letter < ' ' && letter !== '\n')).toEqual([])
})

it('prints the skill file, which is short', async () => {
  const { stdout, exitCode } = await new Holdfast().call(['skill'])
  expect(exitCode).toBe(0)
  expect(stdout).toBe(SKILL)
  expect(readFileSync('docs/skill/SKILL.md', 'utf8')).toBe(SKILL)
  expect(SKILL.split('\n').length).toBeLessThanOrEqual(100)
})
