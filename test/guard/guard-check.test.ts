import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GuardAnswer, GuardInstallAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { WorkTree } from './work-tree.ts'

const write = (path: string, more: object = {}) =>
  JSON.stringify({ tool_name: 'Write', tool_input: { file_path: path, content: 'x' }, ...more })

describe('guard check', () => {
  it('decides path by path: own, somebody else’s, nobody’s, outside', async () => {
    await using tree = new WorkTree()
    const token = await tree.prepareLease('api', 'a', 'src/api/**')
    await tree.prepareLease('docs', 'b', 'docs/**')
    const paths = ['src/api/x.ts', 'docs/x.md', 'README.md', '/elsewhere/x']
    const { exitCode, answer } = await tree.ask(['guard', 'check', '--holder', 'a', '--token', `${token}`, ...paths])
    expect(exitCode).toBe(3)
    const parsed = GuardAnswer.parse(answer)
    expect(parsed).toEqual(answer)
    expect(parsed).toMatchObject({
      guard: 'on',
      permitted: false,
      holder: 'a',
      root: tree.root,
      paths: [
        { path: 'src/api/x.ts', verdict: 'allowed', permitted: 'yes', leaseId: `api@${token}` },
        { path: 'docs/x.md', verdict: 'refused', permitted: 'no', basis: 'held-by-other', holder: 'b', lane: 'docs' },
        { path: 'README.md', verdict: 'unclaimed', permitted: 'warn' },
        { path: '/elsewhere/x', verdict: 'outside', permitted: 'no' },
      ],
    })
    const told = await tree.holdfast(['guard', 'check', '--holder', 'a', 'docs/x.md'])
    expect(told.exitCode).toBe(3)
    expect(told.stderr).toMatch(
      /docs\/x\.md is refused: lane docs \(docs@\d+\) of b covers docs\/x\.md; it expires in 1h/,
    )
    expect(told.stderr).toContain('holdfast acquire docs/x.md --holder a --path docs/x.md --wait 10m')
  })

  it('a token speaks of its own lane, and a stale one opens nothing', async () => {
    await using tree = new WorkTree()
    const api = await tree.prepareLease('api', 'a', 'src/api/**')
    await tree.prepareLease('docs', 'a', 'docs/**')
    const check = (path: string, env: Record<string, string>) =>
      tree.ask(['guard', 'check', '--holder', 'a', path], { env })
    expect((await check('docs/x', { HOLDFAST_TOKEN: `${api}`, HOLDFAST_LANE: 'api' })).exitCode).toBe(0)
    const stale = { exitCode: 3, answer: { paths: [{ basis: 'stale-token' }] } }
    expect(await check('docs/x', { HOLDFAST_TOKEN: `${api}` })).toMatchObject(stale)
    expect(await check('docs/x', { HOLDFAST_TOKEN: `${api}`, HOLDFAST_LANE: '' })).toMatchObject(stale)
  })

  it('what nobody leases is a matter of local policy, as is what lies outside', async () => {
    await using tree = new WorkTree()
    await tree.prepareLease('api', 'a', 'src/api/**')
    tree.write('holdfast.config.json', JSON.stringify({ guard: { unclaimed: 'refuse', outside: 'allow' } }))
    expect((await tree.ask(['guard', 'check', '--holder', 'a', 'README.md'])).exitCode).toBe(3)
    expect((await tree.ask(['guard', 'check', '--holder', 'a', '/elsewhere'])).exitCode).toBe(0)
    tree.write('other.json', JSON.stringify({ guard: { unclaimed: 'allow' } }))
    const allowed = await tree.holdfast(['--config', 'other.json', 'guard', 'check', '--holder', 'a', 'README.md'])
    expect(allowed).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it('what lies in the temporary folder, and in no work tree there, is let through unless the configuration says no', async () => {
    await using tree = new WorkTree()
    await using other = new WorkTree()
    await tree.prepareLease('api', 'a', 'src/api/**')
    const scratch = join(realpathSync(tmpdir()), 'holdfast-scratch.txt')
    const check = (path: string) => tree.ask(['guard', 'check', '--holder', 'a', path])
    expect(await check(scratch)).toMatchObject({ exitCode: 0, answer: { paths: [{ verdict: 'outside' }] } })
    expect((await check(other.path('README.md'))).exitCode).toBe(3)
    tree.write('holdfast.config.json', JSON.stringify({ guard: { temporary: 'refuse' } }))
    expect((await check(scratch)).exitCode).toBe(3)
  })

  it('what it cannot know it does not allow, and it names the way out', async () => {
    await using tree = new WorkTree()
    const hook = ['guard', 'check', '--hook', 'claude-code']
    const missing = await tree.holdfast(hook, { input: write('a') })
    expect(missing).toMatchObject({ exitCode: 2, stdout: '' })
    expect(missing.stderr).toContain('HOLDFAST_GUARD=off')
    expect((await tree.holdfast(['guard', 'check', 'a'])).exitCode).toBe(5)
    await tree.prepareLease('api', 'a', 'src/api/**')
    expect(await tree.holdfast(hook, { input: 'no json' })).toMatchObject({ exitCode: 2 })
    tree.write('holdfast.config.json', '{"guard": {"unclaimed": "perhaps"}}')
    const broken = await tree.holdfast(hook, { input: write('a') })
    expect(broken.exitCode).toBe(2)
    expect(broken.stderr).toContain('guard.unclaimed')
  })

  it('HOLDFAST_GUARD=off allows everything and leaves a line; a misspelt way out is none', async () => {
    await using tree = new WorkTree()
    await tree.prepareLease('api', 'a', 'src/api/**')
    tree.write('holdfast.config.json', 'broken')
    const off = { env: { HOLDFAST_GUARD: 'off' } }
    const { exitCode, answer } = await tree.ask(['guard', 'check', '--holder', 'b', 'src/api/x.ts'], off)
    const log = join(tree.root, '.git', 'holdfast', 'ledger.db.guard.log')
    expect({ exitCode, answer: GuardAnswer.parse(answer) }).toMatchObject({
      exitCode: 0,
      answer: { guard: 'off', log },
    })
    expect(JSON.parse(readFileSync(log, 'utf8'))).toMatchObject({ holder: 'b', paths: ['src/api/x.ts'] })
    const misspelt = await tree.ask(['guard', 'check', 'a'], { env: { HOLDFAST_GUARD: 'of' } })
    expect(misspelt).toMatchObject({ exitCode: 2, answer: { error: { code: 'invalid-input' } } })
  })

  it('answers an agent in the agent’s protocol, and another agent’s shape comes from the configuration', async () => {
    await using tree = new WorkTree()
    await tree.prepareLease('api', 'a', 'src/api/**')
    const other = { source: 'document', tool: 't', writers: ['put'], paths: ['p'], refusedExitCode: 9 }
    tree.write('holdfast.config.json', JSON.stringify({ guard: { hooks: { other } } }))
    const ask = (hook: string, holder: string, input: string, more: readonly string[] = []) =>
      tree.holdfast(['guard', 'check', '--hook', hook, '--holder', holder, ...more], { input })
    const file = join(tree.root, 'src/api/x.ts')
    expect(await ask('claude-code', 'a', write(file))).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    const refused = await ask('claude-code', 'b', write('api/x.ts', { cwd: join(tree.root, 'src') }))
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('of a covers src/api/x.ts')
    expect((await ask('other', 'b', JSON.stringify({ t: 'put', p: file }))).exitCode).toBe(9)
    const read = await ask('claude-code', 'b', JSON.stringify({ tool_name: 'Read' }), ['--json'])
    expect(GuardAnswer.parse(JSON.parse(read.stdout))).toEqual({ guard: 'idle', permitted: true, tool: 'Read' })
    expect((await ask('unheard-of', 'b', write(file))).stderr).toContain('"unheard-of" is not known')
  })

  it.each([
    [['guard', 'check'], 'path'],
    [['guard', 'check', '--root', 'nowhere', 'a'], 'root'],
    [['guard', 'check', '--token', 'x', 'a'], 'token'],
    [['guard', 'check', '--holder', ' ', 'a'], 'holder'],
    [['guard', 'install'], 'git, agent'],
    [['guard', 'install', '--agent', 'unheard-of'], 'hook'],
  ])('%j is refused in one sentence that names the field', async (args, field) => {
    await using tree = new WorkTree()
    const { exitCode, stderr } = await tree.holdfast(args)
    expect(exitCode).toBe(2)
    expect(stderr.startsWith(`${field}: `)).toBe(true)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

describe('the git hook', () => {
  it('refuses both sides of a rename, honours a partial commit, and leaves the hook that was there as it was', async () => {
    await using tree = new WorkTree()
    const hook = join(tree.root, '.git/hooks/pre-commit')
    const before = '#!/bin/sh\ntouch ran\nexec true\n'
    mkdirSync(join(tree.root, '.git/hooks'), { recursive: true })
    writeFileSync(hook, before)
    chmodSync(hook, 0o750)
    await tree.prepareLease('api', 'a', 'src/api/**')
    tree.write('src/api/x.ts', 'some text that git recognises after a move\n')
    tree.git('add', '.')
    tree.git('commit', '-q', '-m', 'a file')
    const { answer } = await tree.ask(['guard', 'install', '--git'])
    expect(GuardInstallAnswer.parse(answer)).toMatchObject({
      changes: [{ hook: 'git', file: hook, change: 'changed' }],
    })
    expect(statSync(hook).mode & 0o777).toBe(0o750)

    tree.git('mv', 'src/api/x.ts', 'moved.ts')
    tree.write('free.md', '')
    tree.git('add', 'free.md')
    const commit = (holder: string, ...args: readonly string[]) =>
      tree.run('git', ['commit', '-q', '-m', 'x', ...args], { env: { HOLDFAST_HOLDER: holder } })
    const refused = await commit('b')
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('src/api/x.ts is refused')
    expect(existsSync(join(tree.root, 'ran'))).toBe(true)
    expect((await commit('b', 'free.md')).exitCode).toBe(0)
    expect((await commit('a')).exitCode).toBe(0)
    await tree.holdfast(['guard', 'install', '--git', '--remove'])
    expect(readFileSync(hook, 'utf8')).toBe(before)
    expect(statSync(hook).mode & 0o777).toBe(0o750)
  })

  it('goes where git looks for hooks, husky’s own folder included', async () => {
    await using tree = new WorkTree()
    tree.git('config', 'core.hooksPath', 'tools/hooks')
    await tree.holdfast(['guard', 'install', '--git'])
    expect(statSync(join(tree.root, 'tools/hooks/pre-commit')).mode & 0o111).toBe(0o111)
    tree.git('config', 'core.hooksPath', '.husky/_')
    const { answer } = await tree.ask(['guard', 'install', '--git'])
    expect(GuardInstallAnswer.parse(answer).changes).toMatchObject([
      { file: join(tree.root, '.husky/pre-commit'), notes: [expect.stringContaining('husky')] },
    ])
  })
})

describe('the agent’s settings', () => {
  it('get one entry, however often it is installed, and end as they were', async () => {
    await using tree = new WorkTree()
    const file = join(tree.root, '.claude/settings.json')
    const before = '{ "permissions": {"deny": ["Read(.env)"]},\n\t"hooks": {"PreToolUse": []} }'
    tree.write('.claude/settings.json', before)
    const install = (...more: readonly string[]) =>
      tree.ask(['guard', 'install', '--agent', 'claude-code', '--command', 'npx holdfast', ...more])
    await install('--dry-run')
    expect(readFileSync(file, 'utf8')).toBe(before)
    await install()
    const after = readFileSync(file, 'utf8')
    expect(JSON.parse(after)).toEqual({
      permissions: { deny: ['Read(.env)'] },
      hooks: {
        PreToolUse: [
          {
            matcher: 'Bash|Edit|MultiEdit|NotebookEdit|Write',
            hooks: [{ type: 'command', command: 'npx holdfast guard check --hook claude-code || exit 2' }],
          },
        ],
      },
    })
    expect((await install()).answer).toMatchObject({ changes: [{ change: 'none' }] })
    await tree.holdfast(['guard', 'install', '--agent', 'claude-code'])
    expect(
      (JSON.parse(readFileSync(file, 'utf8')) as { hooks: { PreToolUse: unknown[] } }).hooks.PreToolUse,
    ).toHaveLength(1)
    await install('--remove')
    expect(readFileSync(file, 'utf8')).toBe(before)
  })

  it('of an agent from the configuration are left alone by one whose name begins alike', async () => {
    await using tree = new WorkTree()
    const settings = { file: 'agent.json', list: ['before'], entry: { run: '{command}' } }
    const shape = { source: 'document', tool: 't', writers: ['w'], paths: ['p'], refusedExitCode: 9, settings }
    tree.write('holdfast.config.json', JSON.stringify({ guard: { hooks: { my: shape, 'my-agent': shape } } }))
    const install = (...args: readonly string[]) =>
      tree.holdfast(['guard', 'install', '--command', 'hf', '--agent', ...args])
    await install('my-agent')
    const one = readFileSync(join(tree.root, 'agent.json'), 'utf8')
    expect(JSON.parse(one)).toEqual({ before: [{ run: 'hf guard check --hook my-agent || exit 9' }] })
    await install('my')
    await install('my', '--remove')
    expect(readFileSync(join(tree.root, 'agent.json'), 'utf8')).toBe(one)
    tree.write('hook.json', JSON.stringify({ ...shape, settings: { ...settings, entry: { run: 'hf' } } }))
    const { exitCode, stderr } = await install('./hook.json')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('settings.entry')
  })

  it('that cannot be read are left alone, together with the git hook that was asked for as well', async () => {
    await using tree = new WorkTree()
    tree.write('.claude/settings.json', '{')
    appendFileSync(join(tree.root, '.claude/settings.json'), '// mine')
    const { exitCode, stderr } = await tree.holdfast(['guard', 'install', '--git', '--agent', 'claude-code'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('settings.json')
    expect(existsSync(join(tree.root, '.git/hooks/pre-commit'))).toBe(false)
    expect(readFileSync(join(tree.root, '.claude/settings.json'), 'utf8')).toBe('{// mine')
  })
})
