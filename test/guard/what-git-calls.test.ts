import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { WorkTree } from './work-tree.ts'

/** Hooks of git that can refuse something, those in which the guard stands first. */
const REFUSING = ['pre-commit', 'pre-merge-commit', 'pre-applypatch', 'pre-rebase', 'pre-push'] as const

it('git calls the hooks that the table in docs/guard.md says, and no other one that could refuse', async () => {
  await using tree = new WorkTree()
  tree.git('init', '-q', '--bare', '.git/there')
  tree.git('remote', 'add', 'origin', '.git/there')
  for (const name of REFUSING) {
    writeFileSync(tree.path('.git/hooks', name), `#!/bin/sh\necho ${name} >> .git/called\n`)
    chmodSync(tree.path('.git/hooks', name), 0o755)
  }
  const called = (...args: readonly string[]): readonly string[] => {
    rmSync(tree.path('.git/called'), { force: true })
    tree.git(...args)
    const file = tree.path('.git/called')
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  }
  const commit = (path: string, ...more: readonly string[]) => {
    tree.write(path, path)
    tree.git('add', '.')
    return called('commit', '-q', '-m', path, ...more)
  }
  tree.git('switch', '-q', '-c', 'side')
  expect(commit('side')).toEqual(['pre-commit'])
  writeFileSync(tree.path('.git/side.patch'), tree.git('format-patch', '-1', '--stdout'))
  tree.git('switch', '-q', 'main')
  expect(commit('main', '--no-verify')).toEqual([])
  expect(called('merge', '-q', '-m', 'm', 'side')).toEqual(['pre-merge-commit'])
  expect(called('reset', '-q', '--hard', 'HEAD^')).toEqual([])
  expect(called('merge', '-q', '--no-verify', '-m', 'm', 'side')).toEqual([])
  tree.git('reset', '-q', '--hard', 'HEAD^')
  expect(called('am', '-q', '.git/side.patch')).toEqual(['pre-applypatch'])
  expect(called('revert', '--no-edit', 'HEAD')).toEqual([])
  tree.git('reset', '-q', '--hard', 'HEAD~2')
  expect(called('cherry-pick', 'side')).toEqual([])
  tree.git('reset', '-q', '--hard', 'HEAD^')
  expect(called('rebase', '-q', 'main', 'side')).toEqual(['pre-rebase'])
  expect(called('switch', '-q', 'main')).toEqual([])
  expect(called('merge', '-q', '--ff-only', 'side')).toEqual([])
  expect(called('push', '-q', 'origin', 'main')).toEqual(['pre-push'])
  expect(called('push', '-q', '--no-verify', 'origin', 'main:other')).toEqual([])
})
