import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WorkTree } from '../guard/work-tree.ts'
import { Fleet, MINUTE_MS } from './fleet.ts'

const A = '7f3a1111-0000-4000-8000-000000000001'
const B = '7f3a2222-0000-4000-8000-000000000002'
const START = /^holdfast: (you are|at work|nobody else)/

const news = (told: readonly string[]) => told.filter(line => !START.test(line))

function put(fleet: Fleet, path: string, text = path): void {
  const file = join(fleet.folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

const after = (fleet: Fleet, session: string, command: string, more: object = {}) =>
  fleet.call(session, 'PostToolUse', { tool_name: 'Bash', tool_input: { command }, ...more })

describe('a shell command of a session', () => {
  it('is refused for a file that somebody else holds, and the log knows of it', async () => {
    await using fleet = new Fleet()
    put(fleet, 'src/x.ts')
    await fleet.edit(A, 'src/x.ts')
    for (const command of ['sed -i s/a/b/ src/x.ts', 'echo x > src/x.ts', 'rm -rf src', 'cd src && tee x.ts < y']) {
      expect(await fleet.shell(B, command)).toMatchObject({ permitted: false })
    }
    expect(await fleet.with(async ({ state }) => Promise.resolve(state.counts.REFUSE))).toBe(1)
    expect(await fleet.shell(A, 'rm -rf src')).toMatchObject({ permitted: true })
    expect(await fleet.shell(B, 'cat src/x.ts')).toMatchObject({ permitted: null })
    expect(await fleet.shell(B, 'node build.js')).toMatchObject({ permitted: null })
  })

  it('leases the free files that it edits, and those alone', async () => {
    await using fleet = new Fleet()
    put(fleet, 'src/x.ts')
    const command = 'sed -i s/a/b/ src/x.ts && mkdir -p dist && rm -rf old && echo x > notes.md && npm install'
    expect(await fleet.shell(A, command)).toMatchObject({ permitted: true })
    expect(await fleet.held()).toEqual(['edit:src/x.ts claude-code/7f3a', 'edit:notes.md claude-code/7f3a'])
    expect(await fleet.edit(B, 'src/x.ts')).toMatchObject({ permitted: false })
  })

  it('that writes many free files is let through, and leases none', async () => {
    await using fleet = new Fleet()
    const names = Array.from({ length: 9 }, (_, place) => `f${place}`)
    expect(await fleet.shell(A, `touch ${names.join(' ')}`)).toMatchObject({ permitted: true, claimed: [] })
    expect(await fleet.held()).toEqual([])
  })

  it('of a sub-agent may write in the leases of its session, also whole folders', async () => {
    await using fleet = new Fleet()
    put(fleet, 'src/x.ts')
    put(fleet, 'src/y.ts')
    await fleet.edit(A, 'src/x.ts')
    const sub = { agent_id: 'ab12' }
    expect(await fleet.shell(A, 'rm -rf src', sub)).toMatchObject({ permitted: true })
    await fleet.edit(B, 'src/y.ts')
    expect(await fleet.shell(A, 'rm -rf src', sub)).toMatchObject({ permitted: false })
  })
})

describe('what has changed while a shell command of a session ran', () => {
  const RUN = 'node rewrite.js'

  it('is told to it at once, to the owner at its next call, each once, and recorded', async () => {
    await using fleet = new Fleet()
    put(fleet, 'src/x.ts')
    put(fleet, 'src/y.ts')
    await fleet.edit(A, 'src/x.ts')
    await fleet.call(A, 'UserPromptSubmit')
    await fleet.shell(B, RUN, { tool_use_id: 't1' })
    put(fleet, 'src/x.ts', 'changed')
    put(fleet, 'src/y.ts', 'changed')
    const told = news((await after(fleet, B, RUN, { tool_use_id: 't1' })).told)
    expect(told).toEqual([expect.stringContaining('files of claude-code/7f3a have changed')])
    expect(told[0]).toContain('src/x.ts (changed)')
    expect(told[0]).not.toContain('y.ts')
    expect(await fleet.with(async ({ state }) => Promise.resolve(state.counts.REFUSE))).toBe(1)
    const owner = news((await fleet.edit(A, 'src/x.ts')).told)
    expect(owner).toEqual([expect.stringContaining('while a command of claude-code/7f3a2 ran')])
    for (const session of [A, B]) expect(news((await fleet.call(session, 'UserPromptSubmit')).told)).toEqual([])
  })

  it('by a sub-agent in the leases of its session is nobody’s news', async () => {
    await using fleet = new Fleet()
    put(fleet, 'src/x.ts')
    await fleet.edit(A, 'src/x.ts')
    const sub = { agent_id: 'ab12', tool_use_id: 't1' }
    await fleet.shell(A, RUN, sub)
    put(fleet, 'src/x.ts', 'changed')
    expect(news((await after(fleet, A, RUN, sub)).told)).toEqual([])
  })

  it('waits for the next event that reaches the model, and is no news a day later', async () => {
    await using fleet = new Fleet()
    for (const path of ['x.ts', 'y.ts']) put(fleet, path)
    await fleet.edit(A, 'x.ts')
    await fleet.edit(A, 'y.ts')
    await fleet.shell(B, RUN)
    rmSync(join(fleet.folder, 'x.ts'))
    await after(fleet, B, RUN)
    expect((await fleet.call(A, 'Stop')).told).toEqual([])
    expect(news((await fleet.call(A, 'UserPromptSubmit')).told)).toEqual([expect.stringContaining('x.ts (removed)')])
    await fleet.shell(B, RUN)
    put(fleet, 'y.ts', 'changed')
    await after(fleet, B, RUN)
    fleet.time.advance(25 * 60 * MINUTE_MS)
    const late = news((await fleet.call(A, 'UserPromptSubmit')).told)
    expect(late.filter(line => line.includes('y.ts (changed)'))).toEqual([])
  })
})

describe('the hook call of a shell command', () => {
  it('refuses, watches, tells and records in its protocol, without a flag', async () => {
    await using tree = new WorkTree({ git: false })
    tree.write('holdfast.config.json', JSON.stringify({ guard: { unclaimed: 'claim' } }))
    await tree.holdfast(['init'])
    tree.write('src/x.ts', 'x')
    const call = (session: string, event: string, tool: object) => {
      const input = JSON.stringify({ session_id: session, hook_event_name: event, tool_use_id: 't', ...tool })
      return tree.holdfast(['guard', 'check', '--hook', 'claude-code'], { input })
    }
    const edit = { tool_name: 'Edit', tool_input: { file_path: 'src/x.ts' } }
    const bash = (command: string) => ({ tool_name: 'Bash', tool_input: { command } })
    expect(await call('aaaa1', 'PreToolUse', edit)).toMatchObject({ exitCode: 0 })
    const refused = await call('bbbb2', 'PreToolUse', bash('echo y > src/x.ts'))
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('src/x.ts is refused: claude-code/aaaa holds it')
    expect(await call('bbbb2', 'PreToolUse', bash('python3 rewrite.py'))).toMatchObject({ exitCode: 0, stderr: '' })
    tree.write('src/x.ts', 'rewritten')
    const told = await call('bbbb2', 'PostToolUse', bash('python3 rewrite.py'))
    expect(told).toMatchObject({ exitCode: 0, stderr: '' })
    expect(told.stdout).toContain('files of claude-code/aaaa have changed while your command ran: src/x.ts (changed)')
    expect((await call('aaaa1', 'PreToolUse', edit)).stdout).toContain('while a command of claude-code/bbbb ran')
    expect(readFileSync(tree.path('src/x.ts'), 'utf8')).toBe('rewritten')
    expect((await tree.holdfast(['why', 'edit:src/x.ts'])).stdout).toContain('claude-code/bbbb, a write, region-held')
  })

  it('refuses what cannot be judged only where it names a place', async () => {
    await using tree = new WorkTree({ git: false })
    await tree.holdfast(['init'])
    writeFileSync(tree.path('.holdfast', 'ledger.db'), 'no database')
    const call = (command: string) => {
      const document = { session_id: 's', hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command } }
      return tree.holdfast(['guard', 'check', '--hook', 'claude-code'], { input: JSON.stringify(document) })
    }
    expect(await call('echo x > src/x.ts')).toMatchObject({ exitCode: 2 })
    expect(await call('holdfast doctor')).toMatchObject({ exitCode: 0 })
  })
})
