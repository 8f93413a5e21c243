import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { DoctorAnswer, SetupAnswer } from 'holdfast/schemas'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WorkTree } from '../guard/work-tree.ts'
import { COMMAND } from '../setup/command.ts'

// Here the processes are what is tested: from nothing to a refused edit by one command, and back.

let base = ''
beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-setup-bin-')))
  mkdirSync(join(base, 'bin'))
  const shim = join(base, 'bin', 'holdfast')
  writeFileSync(shim, `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`)
  chmodSync(shim, 0o755)
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

/** As on a machine where it is installed, and whose user has no agents in the home. */
const installed = () => {
  const home = join(base, 'home')
  mkdirSync(home, { recursive: true })
  return { HOME: home, PATH: [join(base, 'bin'), process.env['PATH']].join(delimiter) }
}

const SETTINGS = '{\r\n\t// mine\r\n\t"model": "x",\r\n}'

/** Runs what stands in the hooks of an event, as the agent does. */
async function asAgent(tree: WorkTree, event: string, document: object) {
  const settings = readFileSync(tree.path('.claude', 'settings.json'), 'utf8')
  const list = settings.slice(settings.indexOf(`"${event}"`))
  const command = String(JSON.parse(`"${/"command": "((?:[^"\\]|\\.)*)"/.exec(list)?.[1] ?? ''}"`))
  const input = JSON.stringify({ hook_event_name: event, cwd: tree.root, ...document })
  return tree.run('/bin/sh', ['-c', command], { input, env: installed() })
}

const write = { tool_name: 'Write', tool_input: { file_path: 'src/x.ts', content: '' } }

describe('holdfast setup leads a fresh repository to a second agent that is refused, and back to the byte', () => {
  let tree: WorkTree
  beforeAll(() => {
    tree = new WorkTree()
    tree.write('.claude/settings.json', SETTINGS)
    tree.git('add', '.')
    tree.git('commit', '-q', '-m', 'settings')
  })
  afterAll(() => tree[Symbol.asyncDispose]())

  it('shows at first what it would write, and writes nothing', async () => {
    const shown = await tree.holdfast(['setup'], { env: installed() })
    expect(shown).toMatchObject({ exitCode: 2 })
    expect(shown.stdout).toContain('+  "hooks": {')
    expect(shown.stderr).toContain('holdfast setup claude-code --yes')
    expect(tree.git('status', '--porcelain')).toBe('')
    expect(existsSync(tree.path('.git', 'holdfast'))).toBe(false)
  })

  it('writes it, tries it, and leaves no trace of its trials in the ledger', async () => {
    const set = await tree.ask(['setup', '--yes'], { env: installed() })
    expect(set.exitCode).toBe(0)
    const answer = SetupAnswer.parse(set.answer)
    expect(answer).toMatchObject({ outcome: 'done', ledger: { change: 'made', inTree: false } })
    expect(answer.checks.filter(({ ok }) => !ok)).toEqual([])
    expect(answer.checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['SessionStart', 'PreToolUse', 'Notification', 'refusal', 'mcp', 'SessionEnd']),
    )
    expect(existsSync(tree.path('.git', 'hooks', 'pre-commit'))).toBe(true)
    expect((await tree.holdfast(['log'])).stdout).not.toContain('setup-check')
  })

  it('has the second agent refused and told of the first', async () => {
    expect(await asAgent(tree, 'PreToolUse', { session_id: 'aaaa1', ...write })).toMatchObject({ exitCode: 0 })
    const refused = await asAgent(tree, 'PreToolUse', { session_id: 'bbbb2', ...write })
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(refused.stderr).toContain('src/x.ts is refused: claude-code/aaaa holds it')
  })

  it('has nothing to do then, and doctor says what drifts', async () => {
    const env = installed()
    const again = await tree.ask(['setup', '--yes'], { env })
    expect(again).toMatchObject({ exitCode: 0, answer: { outcome: 'nothing-to-do', checks: [] } })
    const doctor = await tree.ask(['doctor'], { env })
    expect(DoctorAnswer.parse(doctor.answer).checks).toContainEqual(
      expect.objectContaining({ name: 'setup', ok: true }),
    )
    rmSync(tree.path('.mcp.json'))
    const drifted = DoctorAnswer.parse((await tree.ask(['doctor'], { env })).answer)
    expect(drifted.inTheWay).toContainEqual(
      expect.objectContaining({
        check: 'setup',
        subject: tree.path('.mcp.json'),
        next: [expect.objectContaining({ command: 'holdfast setup claude-code --yes' })],
      }),
    )
  })

  it('is removed to the byte, once', async () => {
    const env = installed()
    const removed = await tree.ask(['setup', '--remove', '--yes'], { env })
    expect(removed).toMatchObject({ exitCode: 0, answer: { outcome: 'done' } })
    expect(readFileSync(tree.path('.claude', 'settings.json'), 'utf8')).toBe(SETTINGS)
    expect(tree.git('status', '--porcelain', '--ignored')).toBe('')
    expect(existsSync(tree.path('.git', 'hooks', 'pre-commit'))).toBe(false)
    expect(existsSync(tree.path('.git', 'holdfast-setup.json'))).toBe(false)
    const gone = await tree.ask(['setup', '--remove', '--yes'], { env })
    expect(gone).toMatchObject({ exitCode: 0, answer: { outcome: 'nothing-to-do' } })
  })
})

describe('holdfast setup', () => {
  it('makes the ledger in the tree for an agent whose sandbox keeps .git read-only, and tries the plugin of another', async () => {
    await using tree = new WorkTree()
    const agents = ['codex', 'opencode']
    const { exitCode, answer } = await tree.ask(['setup', ...agents, '--yes'], { env: installed() })
    const { checks, ledger, next, git } = SetupAnswer.parse(answer)
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
    expect(exitCode).toBe(0)
    expect(new Set(checks.filter(({ check }) => check === 'refusal').map(({ agent }) => agent))).toEqual(
      new Set(agents),
    )
    expect(ledger).toMatchObject({ change: 'made', inTree: true, url: `sqlite:${tree.path('.holdfast', 'ledger.db')}` })
    expect(next.join('\n')).toContain('/hooks')
    expect(git.map(({ file }) => basename(file))).toEqual([
      'pre-commit',
      'pre-merge-commit',
      'pre-applypatch',
      'pre-rebase',
      'pre-push',
    ])
    // As it says next: what was written lies in nobody's region, and is committed.
    tree.git('add', '.')
    expect(await tree.run('git', ['commit', '-q', '-m', 'holdfast'])).toMatchObject({ exitCode: 0 })
    rmSync(tree.path('.git', 'hooks', 'pre-push'))
    expect((await tree.ask(['setup', ...agents, '--yes'], { env: installed() })).answer).toMatchObject({
      outcome: 'done',
    })
    expect(existsSync(tree.path('.git', 'hooks', 'pre-push'))).toBe(true)
  })

  it('says what fails, and ends with 3, where what it wrote does not run', async () => {
    await using tree = new WorkTree()
    const env = installed()
    const { exitCode, answer } = await tree.ask(['setup', 'cursor', '--yes', '--command', './gone'], { env })
    expect(exitCode).toBe(3)
    const failed = SetupAnswer.parse(answer).checks.filter(({ ok }) => !ok)
    expect(failed.find(({ check }) => check === 'preToolUse')?.detail).toContain('gone')
  })

  it.each([
    [['aider'], 'none that setup knows'],
    [['--scope', 'machine'], 'project or user'],
    [['claude-code', '--store', 'sqlite:x.db'], 'leave these flags out'],
    [['claude-code', '--command', ' '], 'it is empty'],
    [[], 'none is seen here'],
  ])('refuses %j', async (words, message) => {
    await using tree = new WorkTree()
    const told = await tree.holdfast(['setup', ...words], { env: installed() })
    expect(told).toMatchObject({ exitCode: 2, stdout: '' })
    expect(told.stderr).toContain(message)
    expect(told.stderr).not.toMatch(/^\s+at /m)
    expect(tree.git('status', '--porcelain')).toBe('')
  })

  it('writes no path of a machine where it is not installed, and leads out of no project', async () => {
    await using tree = new WorkTree()
    const { PATH: _, ...env } = installed()
    const told = await tree.holdfast(['setup', 'claude-code', '--yes'], { env })
    expect(told).toMatchObject({ exitCode: 2, stdout: '' })
    expect(told.stderr).toContain('npm install --save-dev holdfast')
    symlinkSync(base, tree.path('.claude'))
    const out = await tree.holdfast(['setup', 'claude-code', '--yes'], { env: installed() })
    expect(out).toMatchObject({ exitCode: 2, stdout: '' })
    expect(out.stderr).toContain('outside of the project')
    expect(existsSync(tree.path('.git', 'holdfast'))).toBe(false)
  })
})
