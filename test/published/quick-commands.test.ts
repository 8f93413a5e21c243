import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { openLedger } from '@holdfast/engine'
import { openStore } from '@holdfast/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleQuick } from '../../scripts/build/quick-bundle.ts'
import { Holdfast, type CallOptions, type Told } from '../cli/holdfast.ts'
import { COMMAND, SOURCE_COMMAND } from '../setup/command.ts'

const published = mkdtempSync(join(tmpdir(), 'holdfast-published-'))
afterAll(() => rmSync(published, { recursive: true, force: true }))

const source = new Holdfast(SOURCE_COMMAND)
let bundle: Holdfast

/** What both programs say to a line: the published one must be the source in other words. */
async function both(args: readonly string[], options: CallOptions = {}): Promise<{ source: Told; published: Told }> {
  const where = { cwd: source.folder, ...options }
  const [fromSource, fromBundle] = await Promise.all([source.call(args, where), bundle.call(args, where)])
  return { source: apartFromNow(fromSource), published: apartFromNow(fromBundle) }
}

/** They look at the clock at different times, so how far an instant is may differ by a second; the instant may not. */
function apartFromNow(told: Told): Told {
  return { ...told, stderr: told.stderr.replace(/ in [\ddhmins ]+(?=\(\d{4}-)/gu, ' in a while ') }
}

beforeAll(async () => {
  // It was built before the tests. Here nothing lies around it that it could load instead of its own parts.
  expect(COMMAND).not.toBe(SOURCE_COMMAND)
  cpSync(dirname(COMMAND), published, { recursive: true })
  bundle = new Holdfast(join(published, basename(COMMAND)))
  const ledger = await openLedger(`sqlite:${source.path('ledger.db')}`)
  for (const lane of ['api', 'docs']) {
    const request = { lane, holder: `agent-${lane}`, region: [`src/${lane}/**`], ttl: '1h', reason: 'a test' } as const
    expect(await ledger.acquire(request)).toMatchObject({ outcome: 'granted' })
  }
  await ledger.close()
  writeFileSync(source.path('policy.json'), JSON.stringify({ guard: { unclaimed: 'refuse' } }))
  writeFileSync(source.path('wrong.json'), JSON.stringify({ guard: { unclaimed: 'perhaps' } }))
  writeFileSync(source.path('hook.json'), JSON.stringify({ source: 'git-staged', refusedExitCode: 9 }))
  writeFileSync(source.path('wrong-hook.json'), JSON.stringify({ source: 'carrier pigeon' }))
  writeFileSync(source.path('text.db'), 'no database')
}, 120_000)

test('a bundle that would build schemas at its start is refused', async () => {
  const wholeProgram = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'src', 'main.ts')
  await expect(bundleQuick(wholeProgram, join(published, 'slow.cjs'), [])).rejects.toThrow(/keep schemas in \*-shapes/)
})

const STORE = ['--store', 'sqlite:ledger.db'] as const
const EDIT = (path: string) =>
  JSON.stringify({ tool_name: 'Write', tool_input: { file_path: path }, cwd: source.folder })

describe('the published program answers as the source does', () => {
  test.each<[what: string, args: readonly string[], options?: CallOptions]>([
    ['a list', ['leases', ...STORE, '--json']],
    ['a list, flags first', [...STORE, '--json', 'leases']],
    ['help', ['leases', '--help']],
    ['help of a part', ['guard', 'check', '--help']],
    ['help about a command', ['help', 'guard']],
    ['all help', ['--help']],
    ['no command', []],
    ['a misspelt command', ['leeses']],
    ['a misspelt command behind flags', [...STORE, 'gard']],
    ['an unknown flag', ['leases', ...STORE, '--loud']],
    ['an unknown flag in JSON', ['leases', ...STORE, '--loud', '--json']],
    ['one word too many', ['leases', ...STORE, 'api']],
    ['an unknown scheme', ['leases', '--store', 'pigeon:x']],
    ['a store in memory, which is loaded on demand', ['leases', '--store', 'memory:']],
    ['a store that is not there', ['leases', '--store', 'sqlite:nowhere.db']],
    ['a file that is no database', ['leases', '--store', 'sqlite:text.db', '--json']],
    ['a ledger that is not there', ['leases', ...STORE, '--ledger', 'other']],
    ['a path of one’s own', ['guard', 'check', 'src/api/x.ts', '--holder', 'agent-api', ...STORE, '--json']],
    ['a path of somebody else', ['guard', 'check', 'src/api/x.ts', '--holder', 'agent-docs', ...STORE, '--json']],
    ['a path of somebody, asked by nobody', ['guard', 'check', 'src/api/x.ts', ...STORE, '--json']],
    ['a path of nobody', ['guard', 'check', 'README.md', '--holder', 'agent-docs', ...STORE]],
    [
      'a token that is old',
      ['guard', 'check', 'src/api/x.ts', '--holder', 'agent-api', '--token', '0', ...STORE, '--json'],
    ],
    ['a token that is no number', ['guard', 'check', 'x', '--holder', 'a', '--token', 'x', ...STORE]],
    ['a holder whom only the schema refuses', ['guard', 'check', 'x', '--holder', 'a\tb', ...STORE]],
    [
      'a holder whom the schema refuses for two reasons',
      ['guard', 'check', 'x', '--holder', `\t${'a'.repeat(300)}`, ...STORE],
    ],
    ['a policy, which is loaded on demand', ['guard', 'check', 'README.md', '--config', 'policy.json', ...STORE]],
    ['a policy that is wrong', ['guard', 'check', 'README.md', '--config', 'wrong.json', ...STORE]],
    [
      'a hook',
      ['guard', 'check', '--hook', 'claude-code', '--holder', 'agent-docs', ...STORE],
      { input: EDIT('src/docs/x') },
    ],
    ['a hook that is refused', ['guard', 'check', '--hook', 'claude-code', ...STORE], { input: EDIT('src/docs/x') }],
    ['a hook that says nothing', ['guard', 'check', '--hook', 'claude-code', ...STORE], { input: '' }],
    ['a hook in a file, which is loaded on demand', ['guard', 'check', '--hook', './hook.json', ...STORE]],
    ['a hook in a file that is wrong', ['guard', 'check', '--hook', './wrong-hook.json', ...STORE]],
    ['a guard that is off', ['guard', 'check', 'src/api/x.ts', ...STORE], { env: { HOLDFAST_GUARD: 'off' } }],
    ['an installation of nothing', ['guard', 'install']],
    ['help of a command that writes', ['acquire', '--help']],
    ['a request that only the schema refuses', ['acquire', 'a\tb', '--holder', ' a', '--ttl', '90x', ...STORE]],
    ['regions that cannot be read', ['acquire', 'x', '--holder', 'a', '--region', '../x', ...STORE, '--json']],
    ['claims in a file that is wrong', ['acquire', 'x', '--holder', 'a', '--all-of', 'policy.json', ...STORE]],
    ['a beat under a token that is old', ['heartbeat', 'api', '--holder', 'agent-api', '--token', '0', ...STORE]],
    ['a beat of nobody', ['heartbeat', 'none', '--holder', 'a', '--token', '7', ...STORE, '--json']],
    ['a release without a token', ['release', 'api', '--holder', 'agent-api', ...STORE]],
    ['a ledger that is not made', ['adopt', 'x', '--holder', 'a', '--expect-token', '1', '--store', 'sqlite:no.db']],
  ])('%s', async (_what, args, options) => {
    const told = await both(args, options)
    expect(told.published).toEqual(told.source)
    expect(told.published.stderr).not.toMatch(/unexpected|\n\s+at /)
  })

  test('what the quick writers record, the source shows', async () => {
    const on = ['--store', `sqlite:${source.path('written.db')}`, '--create', '--json'] as const
    const say = async (...args: readonly string[]) =>
      JSON.parse((await bundle.call([...args, ...on], { cwd: source.folder })).stdout) as Record<string, unknown>
    const token = (of: Record<string, unknown>) => String((of['lease'] as { readonly token: number }).token)
    const got = await say('acquire', 'api', '--holder', 'a', '--path', 'src/x', '--run-id', 'r', '--request-id', 'q')
    expect(got).toMatchObject({ outcome: 'granted', lease: { region: ['src/x'], runId: 'r' } })
    expect(await say('acquire', 'api', '--holder', 'b', '--mode', 'shared')).toMatchObject({ outcome: 'refused' })
    const beat = ['--activity', 'tests', '--expect', '5m'] as const
    const beaten = await say('heartbeat', 'api', '--holder', 'a', '--token', token(got), ...beat)
    expect(beaten).toMatchObject({ outcome: 'beaten' })
    expect(await say('halt', 'stop', '--lane', 'api')).toMatchObject({ outcome: 'recorded' })
    expect(await say('release', 'api', '--holder', 'a', '--token', token(got))).toMatchObject({ outcome: 'released' })
    const shown = await source.call(['verify', ...on], { cwd: source.folder })
    expect(JSON.parse(shown.stdout)).toMatchObject({ ok: true })
  })

  test('a long list, which needs a stream', async () => {
    const path = source.path('long.db')
    const ledger = await openLedger(`sqlite:${path}`)
    const [first, ...others] = Array.from({ length: 64 }, (_, lane) => ({
      lane: `lane-${lane}`,
      region: [`src/${lane}/**`],
    }))
    if (first === undefined) throw new Error('there are 64')
    const asked = await ledger.acquire({ ...first, allOf: others, holder: 'many', ttl: '1h' })
    expect(asked).toMatchObject({ outcome: 'granted' })
    await ledger.close()
    const told = await both(['leases', '--store', `sqlite:${path}`, '--json'])
    expect(told.published.stdout.length).toBeGreaterThan(8_000)
    expect(told.published).toEqual(told.source)
  })

  test('events that only schemas can judge', async () => {
    const path = source.path('strange.db')
    await (await openLedger(`sqlite:${path}`)).close()
    await using store = await openStore(`sqlite:${path}`)
    const strange = { type: 'ACQUIRE', schemaVersion: 1, actor: null, data: { lane: 'x'.repeat(257) } }
    const newer = { type: 'RELEASE', schemaVersion: 9, actor: null, data: {} }
    for (const [place, event] of [strange, newer].entries()) {
      const eventId = `00000000-0000-4000-8000-00000000000${place}`
      const head = await store.head('default')
      expect(await store.append('default', head, [{ ...event, eventId }])).toMatchObject({ outcome: 'appended' })
    }
    const told = await both(['leases', '--store', `sqlite:${path}`, '--json'])
    expect(told.published).toEqual(told.source)
    expect(JSON.parse(told.published.stdout)).toMatchObject({ head: 2, leases: [] })
  })
})
