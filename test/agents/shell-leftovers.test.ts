import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WorkTree } from '../guard/work-tree.ts'
import { Fleet } from './fleet.ts'

const A = '7f3a1111-0000-4000-8000-000000000001'
const B = '7f3a2222-0000-4000-8000-000000000002'
const START = /^holdfast: (you are|at work|nobody else)/

const news = (told: readonly string[]) => told.filter(line => !START.test(line))

function put(fleet: Fleet, path: string, text = path): void {
  const file = join(fleet.folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

const after = async (fleet: Fleet, session: string, command: string) =>
  news((await fleet.call(session, 'PostToolUse', { tool_name: 'Bash', tool_input: { command } })).told)

const prompted = async (fleet: Fleet, session: string) => news((await fleet.call(session, 'UserPromptSubmit')).told)

/** An edit by name as an agent makes it: asked, made, told. */
async function edit(fleet: Fleet, session: string, path: string, text: string): Promise<void> {
  expect(await fleet.edit(session, path)).toMatchObject({ permitted: true })
  put(fleet, path, text)
  await fleet.call(session, 'PostToolUse', { tool_name: 'Edit', tool_input: { file_path: path } })
}

describe('what a command has left running', () => {
  it.runIf(process.platform === 'linux')(
    'is told of before the next call, also when it writes after the end',
    async () => {
      await using fleet = new Fleet()
      for (const path of ['x.ts', 'y.ts']) put(fleet, path)
      execFileSync('mkfifo', [join(fleet.folder, 'first'), join(fleet.folder, 'second')])
      for (const path of ['x.ts', 'y.ts']) await edit(fleet, A, path, path)
      await prompted(fleet, A)
      // Its line is nothing that can be told before: the shell is handed a script.
      const job = '(read -r _ < first; echo late > x.ts; echo done > told; read -r _ < second; echo later > y.ts) &'
      await fleet.shell(B, 'node start.js')
      const left = detached(fleet.folder, job)
      expect(await after(fleet, B, 'node start.js')).toEqual([])
      expect(await prompted(fleet, B)).toEqual([])
      put(fleet, 'first', '\n')
      await expect.poll(() => textOf(fleet, 'told')).toBe('done\n')
      expect(await fleet.shell(B, 'ls')).toMatchObject({ told: [expect.stringContaining('x.ts (changed)')] })
      expect(await prompted(fleet, A)).toEqual([expect.stringContaining('x.ts (changed)')])
      put(fleet, 'second', '\n')
      await left.ended
      fleet.time.advance(1000)
      // It has ended by now, and what it did last is told all the same; then nothing is watched any more.
      expect(await prompted(fleet, B)).toEqual([expect.stringContaining('y.ts (changed)')])
      put(fleet, 'x.ts', 'by hand')
      expect(await prompted(fleet, B)).toEqual([])
    },
  )
})

describe.runIf(process.platform === 'linux')('the hook itself', () => {
  it('tells what a command has left running, and not what the holder edits', async () => {
    await using tree = new WorkTree({ git: false })
    tree.write('holdfast.config.json', JSON.stringify({ guard: { unclaimed: 'claim' } }))
    await tree.holdfast(['init'])
    tree.write('x.ts', 'x')
    execFileSync('mkfifo', [tree.path('go')])
    const call = async (session: string, event: string, tool: string, input: object) => {
      const document = { session_id: session, hook_event_name: event, tool_name: tool, tool_input: input }
      const hook = ['guard', 'check', '--hook', 'claude-code']
      const { stdout, stderr } = await tree.holdfast(hook, { input: JSON.stringify(document) })
      expect(stderr).toBe('')
      return stdout
    }
    const edited = async (text: string) => {
      await call('aaaa1', 'PreToolUse', 'Edit', { file_path: 'x.ts' })
      tree.write('x.ts', text)
      await call('aaaa1', 'PostToolUse', 'Edit', { file_path: 'x.ts' })
    }
    await edited('first')
    await call('bbbb2', 'PreToolUse', 'Bash', { command: 'node start.js' })
    const left = detached(tree.root, '(read -r _ < go; echo late > x.ts) &')
    await edited('second')
    expect(await call('bbbb2', 'PostToolUse', 'Bash', { command: 'node start.js' })).not.toContain('x.ts')
    tree.write('go', '\n')
    await left.ended
    expect(await call('bbbb2', 'PreToolUse', 'Read', { file_path: 'y' })).toContain('x.ts (changed)')
  })
})

describe('a file that is claimed while the command of another runs', () => {
  const RUN = 'node rewrite.js'

  it('is nobody’s news as long as nothing has changed it but the edits of its holder', async () => {
    await using fleet = new Fleet()
    for (const path of ['x.ts', 'y.ts']) put(fleet, path)
    await edit(fleet, A, 'x.ts', 'first')
    await fleet.shell(B, RUN)
    await fleet.edit(A, 'y.ts')
    await edit(fleet, A, 'x.ts', 'second')
    await edit(fleet, A, 'x.ts', 'third')
    await edit(fleet, A, 'new.ts', 'new')
    expect(await after(fleet, B, RUN)).toEqual([])
  })

  it('is told of if it has changed beside those', async () => {
    await using fleet = new Fleet()
    for (const path of ['x.ts', 'y.ts']) put(fleet, path)
    await edit(fleet, A, 'x.ts', 'first')
    await fleet.shell(B, RUN)
    put(fleet, 'x.ts', 'between')
    await edit(fleet, A, 'x.ts', 'second')
    await edit(fleet, A, 'y.ts', 'own')
    put(fleet, 'y.ts', 'behind')
    const [told = ''] = await after(fleet, B, RUN)
    expect(told).toContain('x.ts (changed)')
    expect(told).toContain('y.ts (changed)')
  })

  it('is told of if the command was known to write it, and has removed it', async () => {
    await using fleet = new Fleet()
    put(fleet, 'x.ts')
    expect(await fleet.shell(B, 'rm x.ts')).toMatchObject({ permitted: true, claimed: [] })
    await edit(fleet, A, 'x.ts', 'mine')
    rmSync(join(fleet.folder, 'x.ts'))
    expect(await after(fleet, B, 'rm x.ts')).toEqual([expect.stringContaining('x.ts (removed)')])
  })
})

function detached(cwd: string, script: string): { readonly ended: Promise<void> } {
  // Standard error is held by all that it starts: its end is theirs.
  const child: ChildProcess = spawn('bash', ['-c', script], { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr?.resume()
  return { ended: new Promise(resolve => child.on('close', () => resolve())) }
}

function textOf(fleet: Fleet, path: string): string | null {
  try {
    return readFileSync(join(fleet.folder, path), 'utf8')
  } catch {
    return null
  }
}
