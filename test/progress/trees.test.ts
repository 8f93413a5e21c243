import { renameSync } from 'node:fs'
import { changedFiles, gitCommits } from '@holdfast/engine'
import { workTreeAt } from '@holdfast/engine/which-ledger'
import { expect, it } from 'vitest'
import { Scene } from '../which-ledger/scene.ts'

it('work is looked for in the work tree of the lease, wherever the observer stands, and is unknown where that is not there', async () => {
  using scene = new Scene()
  const main = scene.repository('main')
  scene.git('main', 'worktree', 'add', '-q', '../linked')
  const workTree = workTreeAt(scene.path('linked'))
  const own = workTreeAt(main)
  const sinceMs = Date.now() - 60_000
  scene.commit('linked', 'src/x.ts')
  const query = { region: ['src/**'], runId: null, sinceMs }
  const files = (directory: string, tree: typeof workTree) =>
    changedFiles({ directory }).read({ ...query, workTree: tree })
  const commits = (directory: string, tree: typeof workTree) =>
    gitCommits({ directory, base: 'main' }).read({ ...query, workTree: tree })

  expect(await files(main, workTree)).toEqual({ outcome: 'counted', count: 1 })
  expect(await commits(main, workTree)).toEqual({ outcome: 'counted', count: 1 })
  expect(await files(scene.folder('elsewhere'), workTree)).toEqual({ outcome: 'counted', count: 1 })
  expect(await files(scene.path('linked/src'), workTree)).toMatchObject({ outcome: 'counted' })
  expect(await files(main, own)).toEqual({ outcome: 'counted', count: 0 })
  // A lease of an unknown tree: what is found counts, and nothing found proves nothing, but outside git.
  expect(await files(scene.path('linked'), null)).toEqual({ outcome: 'counted', count: 1 })
  expect(await files(main, null)).toMatchObject({ outcome: 'unknown', reason: 'other-tree' })
  expect(await files(scene.path('elsewhere'), null)).toEqual({ outcome: 'counted', count: 0 })

  // What stands at its path now is another tree.
  renameSync(scene.path('linked'), scene.path('aside'))
  scene.git('main', 'worktree', 'prune')
  expect(await files(main, workTree)).toMatchObject({ outcome: 'unknown', reason: 'other-tree' })
  scene.git('main', 'worktree', 'add', '-q', '--force', '../linked', 'linked')
  expect(await files(main, workTree)).toMatchObject({ outcome: 'unknown', reason: 'other-tree' })
  expect(await commits(main, workTree)).toMatchObject({ outcome: 'unknown', reason: 'other-tree' })
})
