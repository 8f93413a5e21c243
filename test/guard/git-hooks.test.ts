import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installedGuards } from '@holdfast/engine/write-guard'
import { GuardAnswer, GuardInstallAnswer } from 'holdfast/schemas'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMAND } from '../setup/command.ts'
import { BEGUN, gitIn, RepositoryTemplate } from './repository-template.ts'
import { WorkTree, type Call, type CallOptions } from './work-tree.ts'

const HOOKS = ['pre-commit', 'pre-merge-commit', 'pre-applypatch', 'pre-rebase', 'pre-push'] as const

/** A repository with a remote, whose main branch is there. */
const PUBLISHED = new RepositoryTemplate(root => {
  BEGUN.copyTo(root)
  const there = join(root, '.git', 'there')
  gitIn(root, ['init', '-q', '--bare', there])
  gitIn(there, ['config', 'receive.autogc', 'false'])
  gitIn(root, ['remote', 'add', 'origin', there])
  gitIn(root, ['push', '-q', 'origin', 'main'])
})

const published = (): WorkTree => new WorkTree({ as: PUBLISHED })

/** Leases the API to A, and enters the hooks. */
async function guarded(tree: WorkTree): Promise<void> {
  await tree.prepareLease('api', 'A', 'src/api/**')
  await entered(tree)
}

/** Enters the hooks, which call the program that the tests call. */
function entered(tree: WorkTree): Promise<unknown> {
  return tree.prepare('guard', 'install', '--git', '--command', `'${process.execPath}' '${COMMAND}'`)
}

/** Commits a file past the hooks. `atS`: when, by the clock of whoever commits. */
function commit(tree: WorkTree, path: string, { text = 'x', atS }: { text?: string; atS?: number } = {}): void {
  tree.write(path, text)
  tree.git('add', '.')
  const date = atS === undefined ? {} : { GIT_COMMITTER_DATE: `${atS} +0000` }
  gitIn(tree.root, ['commit', '-q', '--no-verify', '-m', `${path} ${text}`], date)
}

const head = (tree: WorkTree): string => tree.git('rev-parse', 'HEAD').trim()

const pushing =
  (tree: WorkTree) =>
  (holder: string, ...more: readonly string[]): Promise<Call> =>
    tree.run('git', ['push', '-q', 'origin', 'main', ...more], as(holder))

const as = (holder: string, more: object = {}): CallOptions => ({ env: { HOLDFAST_HOLDER: holder, ...more } })

function script(tree: WorkTree, name: string, text: string): string {
  const file = tree.path('.git/hooks', name)
  writeFileSync(file, text)
  chmodSync(file, 0o755)
  return file
}

describe('guard install --git', () => {
  it('enters all its hooks, once, and takes them out to the byte', async () => {
    await using tree = new WorkTree()
    const before = '#!/bin/sh\nexec cat > told\n'
    const foreign = script(tree, 'pre-push', before)
    const { answer } = await tree.ask(['guard', 'install', '--git'])
    const [change] = GuardInstallAnswer.parse(answer).changes
    expect(change?.further?.map(({ change: what }) => what)).toEqual(['made', 'made', 'made', 'changed'])
    const texts = () => HOOKS.map(name => readFileSync(tree.path('.git/hooks', name), 'utf8'))
    const entered = texts()
    for (const text of entered) expect(text).toContain(' guard ')
    await tree.holdfast(['guard', 'install', '--git'])
    expect(texts()).toEqual(entered)
    const told = await tree.holdfast(['guard', 'install', '--git', '--remove'])
    expect(told.stdout).toMatch(/^removed .*pre-commit/)
    expect(readdirSync(tree.path('.git/hooks')).filter(name => !name.endsWith('.sample'))).toEqual(['pre-push'])
    expect(readFileSync(foreign, 'utf8')).toBe(before)
  })

  it('brings an older installation, of the commit alone, up to date, which doctor asks for', async () => {
    await using tree = new WorkTree()
    await entered(tree)
    for (const name of HOOKS.slice(1)) rmSync(tree.path('.git/hooks', name))
    const missing = (await installedGuards(tree.root)).flatMap(({ fault }) => fault ?? [])
    expect(missing).toEqual(
      ['merges', 'patches', 'rebases', 'pushes'].map(
        what => `it is not there, and ${what} in ${tree.root} are not checked`,
      ),
    )
    await entered(tree)
    for (const name of HOOKS) expect(existsSync(tree.path('.git/hooks', name))).toBe(true)
  })
})

it('a push of what was changed in somebody’s region since the lease began is refused, with the way on; theirs is not', async () => {
  await using tree = published()
  script(tree, 'pre-push', '#!/bin/sh\ncat >> told\n')
  // In an earlier second than the lease begins in.
  commit(tree, 'src/api/earlier.ts', { atS: Math.floor(Date.now() / 1000) - 2 })
  const earlier = head(tree)
  await guarded(tree)
  const push = pushing(tree)
  expect(await push('B')).toMatchObject({ exitCode: 0, stderr: '' })
  // The hook that was there has read what git told.
  expect(readFileSync(tree.path('told'), 'utf8')).toContain(`refs/heads/main ${earlier} refs/heads/main `)
  rmSync(tree.path('told'))
  commit(tree, 'src/api/later.ts')
  const refused = await push('B')
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toMatch(
    new RegExp(
      `src/api/later.ts is refused: commit ${head(tree).slice(0, 10)} changes it .*; lane api \\(api@1\\) of A covers it since`,
    ),
  )
  expect(refused.stderr).toContain('holdfast wait api')
  expect(refused.stderr).toContain('git push --no-verify')
  expect(existsSync(tree.path('told'))).toBe(false)
  expect((await push('A')).exitCode).toBe(0)
})

it('a push that moves a ref back takes a commit away there, and is refused as well', async () => {
  await using tree = published()
  await guarded(tree)
  commit(tree, 'src/api/later.ts')
  const push = pushing(tree)
  expect((await push('A', '--no-verify')).exitCode).toBe(0)
  tree.git('reset', '-q', '--hard', 'HEAD^')
  const back = await push('B', '--force')
  expect(back.exitCode).toBe(1)
  expect(back.stderr).toContain('the push takes that away')
  expect((await push('B', '--force', '--no-verify')).exitCode).toBe(0)
})

it('a push that cannot be judged is refused with a sentence and the way out', async () => {
  await using tree = published()
  await guarded(tree)
  commit(tree, 'x')
  const database = tree.path('.git/holdfast/ledger.db')
  writeFileSync(database, 'no database')
  const refused = await tree.run('git', ['push', '-q', 'origin', 'main'], as('B'))
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toContain(
    'pre-push refuses, for it could not be judged. `git push --no-verify` pushes unjudged',
  )
  expect(refused.stderr).not.toMatch(/^\s+at /m)
  expect((await tree.run('git', ['push', '-q', 'origin', 'main'], as('B', { HOLDFAST_GUARD: 'off' }))).exitCode).toBe(0)
})

describe('what changes a file of somebody else is refused before it is made', () => {
  let tree: WorkTree
  let before = ''
  beforeAll(async () => {
    tree = new WorkTree()
    commit(tree, 'src/api/x.ts', { text: 'old' })
    tree.git('switch', '-q', '-c', 'side')
    commit(tree, 'src/api/x.ts', { text: 'new' })
    tree.git('format-patch', '-q', '-1', '-o', '.git')
    tree.git('switch', '-q', 'main')
    commit(tree, 'free')
    await guarded(tree)
    before = head(tree)
  })
  afterAll(() => tree[Symbol.asyncDispose]())

  const tried = async (holder: string, ...args: readonly string[]) => {
    const { exitCode, stderr } = await tree.run('git', args, as(holder))
    return { isDone: exitCode === 0, isRefused: stderr.includes('src/api/x.ts is refused') }
  }
  const refused = { isDone: false, isRefused: true }

  it('a merge', async () => {
    expect(await tried('B', 'merge', '-q', '-m', 'm', 'side')).toEqual(refused)
    tree.git('merge', '--abort')
    expect(head(tree)).toBe(before)
  })

  it('a patch', async () => {
    const patch = readdirSync(tree.path('.git')).find(name => name.endsWith('.patch')) ?? ''
    expect(await tried('B', 'am', '-q', `.git/${patch}`)).toEqual(refused)
    tree.git('am', '--abort')
    expect(head(tree)).toBe(before)
  })

  it('a rebase', async () => {
    expect(await tried('B', 'rebase', '-q', 'main', 'side')).toEqual(refused)
    expect(head(tree)).toBe(before)
  })

  it('and whoever holds it may', async () => {
    expect(await tried('A', 'merge', '-q', '-m', 'm', 'side')).toEqual({ isDone: true, isRefused: false })
  })
})

describe('another work tree', () => {
  let tree: WorkTree
  let other = ''
  beforeAll(async () => {
    tree = published()
    other = `${tree.root}-other`
    commit(tree, 'src/api/x.ts', { text: '1\n2\n3\n4\n5\n' })
    tree.git('worktree', 'add', '-q', '-b', 'other', other)
    await guarded(tree)
  })
  afterAll(async () => {
    await tree[Symbol.asyncDispose]()
    rmSync(other, { recursive: true, force: true })
  })

  const there = (...args: readonly string[]) => tree.run('git', args, { ...as('B'), cwd: other })

  it('may take in what somebody has published of their region', async () => {
    commit(tree, 'src/api/x.ts', { text: 'one\n2\n3\n4\n5\n' })
    writeFileSync(`${other}/own.ts`, '')
    await there('add', '.')
    expect((await there('commit', '-q', '-m', 'own')).exitCode).toBe(0)
    expect(await there('merge', '-q', '-m', 'm', 'main')).toMatchObject({ exitCode: 0 })
    expect(await there('rebase', '-q', 'main')).toMatchObject({ exitCode: 0 })
  })

  it('may not change it in the merge', async () => {
    // Both sides change it now, and git merges them without a conflict.
    commit(tree, 'src/api/x.ts', { text: 'one\n2\n3\n4\nfive\n' })
    writeFileSync(`${other}/src/api/x.ts`, 'one\n2\ndrei\n4\n5\n')
    await there('commit', '-q', '-a', '--no-verify', '-m', 'past the guard')
    const merged = await there('merge', '-q', '-m', 'm', 'main')
    expect(merged.stderr).toContain('src/api/x.ts is refused')
    expect(merged.exitCode).not.toBe(0)
  })
})

it('answers a program as JSON, and bad lines of standard input with a sentence', async () => {
  await using tree = published()
  await tree.prepareLease('api', 'A', 'src/api/**')
  commit(tree, 'src/api/x.ts')
  const id = head(tree)
  const input = `refs/heads/main ${id} refs/heads/new ${'0'.repeat(40)}\n`
  const { exitCode, answer } = await tree.ask(['guard', 'pre-push', 'origin', '--holder', 'B'], { input })
  expect(exitCode).toBe(1)
  expect(GuardAnswer.parse(answer)).toMatchObject({
    guard: 'push',
    permitted: false,
    files: 1,
    paths: [{ path: 'src/api/x.ts', change: 'added', commit: id, basis: 'held-by-other', holder: 'A' }],
  })
  const torn = await tree.holdfast(['guard', 'pre-push', 'origin'], { input: 'refs/heads/main\n' })
  expect(torn.exitCode).toBe(1)
  expect(torn.stderr).toContain('is no line of git about a ref')
})

it('with `claim` a commit of files of nobody is let through and told; one without a name in a region is told how to say whose it is', async () => {
  await using tree = new WorkTree()
  tree.write('holdfast.config.json', JSON.stringify({ guard: { unclaimed: 'claim' } }))
  await tree.holdfast(['init'])
  await tree.holdfast(['guard', 'install', '--git'])
  await tree.lease('api', 'claude-code/7f3a', 'src/api/**')
  const commit = (path: string, options?: CallOptions) => {
    tree.write(path, `${path}\n`)
    tree.git('add', path)
    return tree.run('git', ['commit', '-q', '-m', path], options)
  }
  const free = await commit('docs/x.md')
  expect(free.exitCode).toBe(0)
  expect(free.stderr).toContain("lies in nobody's region")
  const held = await commit('src/api/x.ts')
  expect(held.exitCode).toBe(1)
  expect(held.stderr).toContain(
    'If you are claude-code/7f3a, begin your command with HOLDFAST_HOLDER=claude-code/7f3a\n',
  )
  const other = await tree.run('git', ['commit', '-q', '-m', 'x'], as('codex/019b'))
  expect([other.exitCode, other.stderr.includes('If you are')]).toEqual([1, false])
  expect(await tree.run('git', ['commit', '-q', '-m', 'x'], as('claude-code/7f3a'))).toMatchObject({ exitCode: 0 })
  const write = await tree.holdfast(['guard', 'check', 'docs/y.md'])
  expect(write.exitCode).toBe(3)
})
