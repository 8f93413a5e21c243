import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { installedGuards } from '@holdfast/engine/write-guard'
import { GuardAnswer, GuardInstallAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { WorkTree, type CallOptions } from './work-tree.ts'

const HOOKS = ['pre-commit', 'pre-merge-commit', 'pre-applypatch', 'pre-rebase', 'pre-push'] as const

/** A repository with a remote, whose main branch is there. */
function published(): WorkTree {
  const tree = new WorkTree()
  tree.git('init', '-q', '--bare', tree.path('.git/there'))
  tree.git('remote', 'add', 'origin', tree.path('.git/there'))
  tree.git('push', '-q', 'origin', 'main')
  return tree
}

function commit(tree: WorkTree, path: string, text = 'x'): string {
  tree.write(path, text)
  tree.git('add', '.')
  tree.git('commit', '-q', '--no-verify', '-m', `${path} ${text}`)
  return tree.git('rev-parse', 'HEAD').trim()
}

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
    await tree.holdfast(['guard', 'install', '--git'])
    for (const name of HOOKS.slice(1)) rmSync(tree.path('.git/hooks', name))
    const missing = (await installedGuards(tree.root)).flatMap(({ fault }) => fault ?? [])
    expect(missing).toEqual(
      ['merges', 'patches', 'rebases', 'pushes'].map(
        what => `it is not there, and ${what} in ${tree.root} are not checked`,
      ),
    )
    await tree.holdfast(['guard', 'install', '--git'])
    for (const name of HOOKS) expect(existsSync(tree.path('.git/hooks', name))).toBe(true)
  })
})

it('a push of what was changed in somebody’s region since the lease began is refused, with the way on; theirs is not', async () => {
  await using tree = published()
  script(tree, 'pre-push', '#!/bin/sh\ncat >> told\n')
  const earlier = commit(tree, 'src/api/earlier.ts')
  // The lease begins in a later second than the commit was made.
  for (const made = Math.floor(Date.now() / 1000); Math.floor(Date.now() / 1000) === made;);
  await tree.lease('api', 'A', 'src/api/**')
  await tree.holdfast(['guard', 'install', '--git'])
  const push = (holder: string, ...more: readonly string[]) =>
    tree.run('git', ['push', '-q', 'origin', 'main', ...more], as(holder))
  expect(await push('B')).toMatchObject({ exitCode: 0, stderr: '' })
  // The hook that was there has read what git told.
  expect(readFileSync(tree.path('told'), 'utf8')).toContain(`refs/heads/main ${earlier} refs/heads/main `)
  rmSync(tree.path('told'))
  const later = commit(tree, 'src/api/later.ts')
  const refused = await push('B')
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toMatch(
    new RegExp(
      `src/api/later.ts is refused: commit ${later.slice(0, 10)} changes it .*; lane api \\(api@1\\) of A covers it since`,
    ),
  )
  expect(refused.stderr).toContain('holdfast wait api')
  expect(refused.stderr).toContain('git push --no-verify')
  expect(existsSync(tree.path('told'))).toBe(false)
  expect((await push('A')).exitCode).toBe(0)
  // Moving the ref back takes that commit away there.
  tree.git('reset', '-q', '--hard', earlier)
  const back = await push('B', '--force')
  expect(back.exitCode).toBe(1)
  expect(back.stderr).toContain('the push takes that away')
  expect((await push('B', '--force', '--no-verify')).exitCode).toBe(0)
})

it('a push that cannot be judged is refused with a sentence and the way out', async () => {
  await using tree = published()
  await tree.lease('api', 'A', 'src/api/**')
  await tree.holdfast(['guard', 'install', '--git'])
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

it('a merge, a patch and a rebase that change a file of somebody else are refused before they are made', async () => {
  await using tree = published()
  commit(tree, 'src/api/x.ts', 'old')
  tree.git('switch', '-q', '-c', 'side')
  commit(tree, 'src/api/x.ts', 'new')
  tree.git('format-patch', '-q', '-1', '-o', '.git')
  tree.git('switch', '-q', 'main')
  commit(tree, 'free')
  await tree.lease('api', 'A', 'src/api/**')
  await tree.holdfast(['guard', 'install', '--git'])
  const head = tree.git('rev-parse', 'HEAD')
  const tried = async (holder: string, ...args: readonly string[]) => {
    const { exitCode, stderr } = await tree.run('git', args, as(holder))
    return { isDone: exitCode === 0, isRefused: stderr.includes('src/api/x.ts is refused') }
  }
  const refused = { isDone: false, isRefused: true }
  expect(await tried('B', 'merge', '-q', '-m', 'm', 'side')).toEqual(refused)
  tree.git('merge', '--abort')
  const patch = readdirSync(tree.path('.git')).find(name => name.endsWith('.patch')) ?? ''
  expect(await tried('B', 'am', '-q', `.git/${patch}`)).toEqual(refused)
  tree.git('am', '--abort')
  expect(await tried('B', 'rebase', '-q', 'main', 'side')).toEqual(refused)
  expect(tree.git('rev-parse', 'HEAD')).toBe(head)
  expect(await tried('A', 'merge', '-q', '-m', 'm', 'side')).toEqual({ isDone: true, isRefused: false })
})

it('another work tree may take in what somebody has published of their region, and may not change it in the merge', async () => {
  await using tree = published()
  commit(tree, 'src/api/x.ts', '1\n2\n3\n4\n5\n')
  const other = `${tree.root}-other`
  try {
    tree.git('worktree', 'add', '-q', '-b', 'other', other)
    await tree.lease('api', 'A', 'src/api/**')
    await tree.holdfast(['guard', 'install', '--git'])
    commit(tree, 'src/api/x.ts', 'one\n2\n3\n4\n5\n')
    const there = (...args: readonly string[]) => tree.run('git', args, { ...as('B'), cwd: other })
    writeFileSync(`${other}/own.ts`, '')
    await there('add', '.')
    expect((await there('commit', '-q', '-m', 'own')).exitCode).toBe(0)
    expect(await there('merge', '-q', '-m', 'm', 'main')).toMatchObject({ exitCode: 0 })
    expect(await there('rebase', '-q', 'main')).toMatchObject({ exitCode: 0 })
    // Both sides change it now, and git merges them without a conflict.
    commit(tree, 'src/api/x.ts', 'one\n2\n3\n4\nfive\n')
    writeFileSync(`${other}/src/api/x.ts`, 'one\n2\ndrei\n4\n5\n')
    await there('commit', '-q', '-a', '--no-verify', '-m', 'past the guard')
    const merged = await there('merge', '-q', '-m', 'm', 'main')
    expect(merged.stderr).toContain('src/api/x.ts is refused')
    expect(merged.exitCode).not.toBe(0)
  } finally {
    rmSync(other, { recursive: true, force: true })
  }
})

it('answers a program as JSON, and bad lines of standard input with a sentence', async () => {
  await using tree = published()
  await tree.lease('api', 'A', 'src/api/**')
  const id = commit(tree, 'src/api/x.ts')
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
