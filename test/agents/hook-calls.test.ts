import { rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { GuardAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { WorkTree, type CallOptions } from '../guard/work-tree.ts'
import type { Agent } from './recorded.ts'

// Here the process is what is tested: what an agent reads of it, and its exit code.

const CLAIMS = JSON.stringify({ guard: { unclaimed: 'claim' } })

async function claiming(): Promise<WorkTree> {
  const tree = new WorkTree({ git: false })
  tree.write('holdfast.config.json', CLAIMS)
  await tree.prepare('init')
  return tree
}

const hook = (tree: WorkTree, agent: Agent, document: unknown, options: CallOptions & { more?: string[] } = {}) => {
  const { more = [], ...call } = options
  const input = typeof document === 'string' ? document : JSON.stringify(document)
  return tree.holdfast(['guard', 'check', '--hook', agent, ...more], { input, ...call })
}

const claude = (session: string, event: string, more: object = {}) => ({
  session_id: session,
  hook_event_name: event,
  ...more,
})
const write = (path: string) => ({ tool_name: 'Write', tool_input: { file_path: path, content: '' } })

const Context = z.object({ hookSpecificOutput: z.object({ hookEventName: z.string(), additionalContext: z.string() }) })

describe('two sessions in one repository', () => {
  it('are told of each other, and the second edit of a file is refused in a few lines that name the first', async () => {
    await using tree = await claiming()
    expect(await hook(tree, 'claude-code', claude('aaaa1', 'PreToolUse', write('src/x.ts')))).toMatchObject({
      exitCode: 0,
    })
    const started = await hook(tree, 'claude-code', claude('bbbb2', 'SessionStart', { source: 'startup' }))
    const { hookSpecificOutput } = Context.parse(JSON.parse(started.stdout))
    expect(hookSpecificOutput.hookEventName).toBe('SessionStart')
    expect(hookSpecificOutput.additionalContext.split('\n')).toEqual([
      expect.stringContaining('you are claude-code/bbbb'),
      'holdfast: at work: claude-code/aaaa in src/x.ts.',
    ])
    const refused = await hook(tree, 'claude-code', claude('bbbb2', 'PreToolUse', write('src/x.ts')))
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    const lines = refused.stderr.trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(5)
    expect(lines[0]).toMatch(/src\/x\.ts is refused: claude-code\/aaaa holds it \(lane edit:src\/x\.ts, since /)
    expect(lines[1]).toMatch(/ends in 15min \d+s \(.*Z\) at the latest/)
    expect(lines[2]).toContain('holdfast claim src/x.ts --holder claude-code/bbbb --wait 10m')
    expect(lines[3]).toContain('other files')
    const why = await tree.holdfast(['why', 'edit:src/x.ts'])
    expect(why.stdout).toContain('claude-code/bbbb, a write, region-held')
  })

  it('hand a file on: the second waits with the line that it was given', async () => {
    await using tree = await claiming()
    await hook(tree, 'claude-code', claude('aaaa1', 'PreToolUse', write('x.ts')))
    const refused = await hook(tree, 'codex', { session_id: 'bbbb2', ...patch('x.ts') })
    const line = /holdfast (claim .*)$/m.exec(refused.stderr)?.[1]?.split(' ') ?? []
    const waiting = tree.holdfast(line)
    for (let more = true; more;) more = !(await tree.holdfast(['status'])).stdout.includes('1 waiting')
    await hook(tree, 'claude-code', claude('aaaa1', 'SessionEnd'))
    expect(await waiting).toMatchObject({ exitCode: 0 })
    expect(await hook(tree, 'codex', { session_id: 'bbbb2', ...patch('x.ts') })).toMatchObject({ exitCode: 0 })
  })
})

const patch = (path: string) => ({
  hook_event_name: 'PreToolUse',
  tool_name: 'apply_patch',
  tool_input: { command: `*** Begin Patch\n*** Update File: ${path}\n@@\n-a\n+b\n*** End Patch` },
})

describe('the answer in the words of the protocol', () => {
  const REFUSED = [
    ['claude-code', claude('s', 'PreToolUse', write('x.ts'))],
    ['codex', { session_id: 's', ...patch('x.ts') }],
    ['gemini-cli', claude('s', 'BeforeTool', { tool_name: 'write_file', tool_input: { file_path: 'x.ts' } })],
    [
      'opencode',
      { hook: 'tool.execute.before', input: { tool: 'edit', sessionID: 's' }, output: { args: { filePath: 'x.ts' } } },
    ],
    ['cursor', { conversation_id: 's', hook_event_name: 'preToolUse', ...write('x.ts') }],
  ] as const

  it('refuses with exit code 2, and says why where the agent reads it', async () => {
    await using tree = await claiming()
    await tree.holdfast(['claim', 'x.ts', '--holder', 'somebody'])
    const all = await Promise.all(REFUSED.map(([agent, document]) => hook(tree, agent, document)))
    for (const { exitCode, stderr } of all) {
      expect(exitCode).toBe(2)
      expect(stderr).toContain('somebody holds it')
    }
    const answers = all.map(({ stdout }) => stdout)
    expect(answers.slice(0, -1)).toEqual(['', '', '', ''])
    const Denied = z.object({ permission: z.literal('deny'), agent_message: z.string() })
    expect(Denied.parse(JSON.parse(answers.at(-1) ?? '')).agent_message).toContain('somebody holds it')
  })

  it('is JSON for whoever asks for it', async () => {
    await using tree = await claiming()
    const told = await hook(tree, 'claude-code', claude('aaaa1', 'PreToolUse', write('x.ts')), { more: ['--json'] })
    expect(GuardAnswer.parse(JSON.parse(told.stdout))).toMatchObject({
      permitted: true,
      session: { name: 'claude-code/aaaa', claimed: [expect.stringContaining('edit:x.ts@')] },
    })
  })
})

describe('a document', () => {
  const SILENT = ['', '{', '[]', '7', '{"session_id":"s","hook_event_name":"PreToolUse"}', '\u0000']
  const HOSTILE = ['../../../etc/passwd', 'a\u0000b', '\ud800', `${'x/'.repeat(3000)}y`, '.', String.raw`a\b`]

  it('that says nothing, or names a hostile path, is refused with the code of the protocol, and no stack', async () => {
    await using tree = await claiming()
    const documents = [...SILENT, ...HOSTILE.map(path => claude('s', 'PreToolUse', write(path)))]
    const told = await Promise.all(documents.map(document => hook(tree, 'claude-code', document)))
    expect(told.map(({ exitCode }) => exitCode)).toEqual(documents.map(() => 2))
    for (const { stderr } of told) expect(stderr).not.toMatch(/^\s+at /m)
    for (const { stderr } of told.slice(0, SILENT.length)) expect(stderr).toContain('HOLDFAST_GUARD=off')
  })
})

describe('a ledger that does not answer', () => {
  it('that is gone refuses the write, stops nothing else, and says the way out', async () => {
    await using tree = await claiming()
    rmSync(tree.path('.holdfast', 'ledger.db'))
    writeFileSync(tree.path('.holdfast', 'ledger.db'), 'no database')
    const refused = await hook(tree, 'claude-code', claude('s', 'PreToolUse', write('x.ts')))
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(refused.stderr).toContain('HOLDFAST_GUARD=off')
    const prompt = await hook(tree, 'claude-code', claude('s', 'UserPromptSubmit', { prompt: 'go' }))
    expect(prompt).toMatchObject({ exitCode: 0, stdout: '' })
    expect(prompt.stderr).toContain('holdfast doctor')
  })

  it('that has moved names where it continues', async () => {
    await using tree = await claiming()
    await tree.holdfast(['move', '--to', `sqlite:${tree.path('else.db')}`])
    const refused = await hook(tree, 'claude-code', claude('s', 'PreToolUse', write('x.ts')))
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(refused.stderr).toContain('else.db')
  })

  it('that is locked by somebody refuses within the time that was set', async () => {
    await using tree = await claiming()
    tree.write('holdfast.config.json', JSON.stringify({ guard: { unclaimed: 'claim', timeout: '700ms' } }))
    const database = new DatabaseSync(tree.path('.holdfast', 'ledger.db'))
    database.exec('BEGIN IMMEDIATE')
    const startedMs = performance.now()
    const refused = await hook(tree, 'claude-code', claude('s', 'PreToolUse', write('x.ts')))
    database.close()
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(refused.stderr).toContain('HOLDFAST_GUARD=off')
    expect(performance.now() - startedMs).toBeLessThan(4000)
  })
})

describe('by hand', () => {
  it('files are claimed, and all of a session is given up', async () => {
    await using tree = await claiming()
    tree.write('src/a.ts', '')
    expect(
      await tree.holdfast(['claim', 'a.ts', '../docs', '--holder', 'me'], { cwd: tree.path('src') }),
    ).toMatchObject({ exitCode: 0 })
    const held = await tree.holdfast(['leases'])
    expect(held.stdout).toMatch(/edit:src\/a\.ts +me/)
    expect(held.stdout).toMatch(/edit:docs +me/)
    expect(await tree.ask(['release', '--session', '--holder', 'me'])).toMatchObject({
      exitCode: 0,
      answer: { outcome: 'released', holder: 'me', leases: [{}, {}] },
    })
    expect((await tree.holdfast(['leases'])).stdout).toContain('No leases.')
    expect(await tree.holdfast(['release', '--holder', 'me'])).toMatchObject({ exitCode: 2 })
  })
})

it('without a session in its document a hook answers as it always has', async () => {
  await using tree = await claiming()
  const told = await hook(tree, 'claude-code', write('x.ts'), { env: { HOLDFAST_HOLDER: 'me' } })
  expect(told).toMatchObject({ exitCode: 2, stdout: '' })
  expect(told.stderr).toContain("lies in nobody's region")
  expect((await tree.holdfast(['log'])).stdout).not.toContain('SPAWN')
})
