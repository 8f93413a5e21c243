import { cpSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { Configuration, type WorkTree } from '@holdfast/core'
import { inDifferentTrees } from '@holdfast/core/internal'
import { openLeanLedger } from '@holdfast/engine/lean'
import { workTreeAt } from '@holdfast/engine/which-ledger'
import { describe, expect, it } from 'vitest'
import { Scene } from '../which-ledger/scene.ts'

const MARKED = /^worktrees\/linked\/[0-9a-f]{32}$/

/** A repository with the linked work tree `linked`, and what its tree is called. */
function linkedTree(scene: Scene): WorkTree {
  scene.repository('main')
  scene.git('main', 'worktree', 'add', '-q', '../linked')
  return known(scene, 'linked')
}

function known(scene: Scene, folder: string): WorkTree {
  const tree = workTreeAt(scene.path(folder))
  if (tree === null) throw new Error(`the tree at ${folder} is not known`)
  return tree
}

describe('a linked work tree', () => {
  it('is known by its name and a mark of its own, that questions do not make', () => {
    using scene = new Scene()
    scene.repository('main')
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    expect(scene.which('linked').workTree).toBeNull()
    const tree = known(scene, 'linked')
    expect(tree).toEqual({ id: expect.stringMatching(MARKED) as string, path: scene.path('linked') })
    expect(scene.which('linked').workTree).toEqual(tree)
    expect(known(scene, 'main/.git/worktrees/linked')).toEqual(tree)
    expect(readdirSync(scene.path('main/.git/worktrees/linked')).filter(name => name.includes('holdfast'))).toEqual([
      'holdfast-tree',
    ])
  })

  it('stays the same when git moves it, and when it is moved by hand and repaired', () => {
    using scene = new Scene()
    const { id } = linkedTree(scene)
    scene.git('main', 'worktree', 'move', '../linked', '../moved')
    expect(known(scene, 'moved')).toEqual({ id, path: scene.path('moved') })
    renameSync(scene.path('moved'), scene.path('again'))
    expect(workTreeAt(scene.path('again'))).toBeNull()
    scene.git('again', 'worktree', 'repair')
    expect(known(scene, 'again').id).toBe(id)
  })

  it.each([
    ['removed by git', (scene: Scene) => void scene.git('main', 'worktree', 'remove', '../linked')],
    [
      'moved by hand and pruned',
      (scene: Scene) => {
        renameSync(scene.path('linked'), scene.path('aside'))
        scene.git('main', 'worktree', 'prune')
      },
    ],
  ])('is another one when git makes it anew under the name of one that was %s', (_how, end) => {
    using scene = new Scene()
    const before = linkedTree(scene)
    end(scene)
    scene.git('main', 'worktree', 'add', '-q', '--force', '../linked', 'linked')
    const after = known(scene, 'linked')
    expect(after.id).toMatch(MARKED)
    expect(inDifferentTrees(before, after)).toBe(true)
    // What was moved aside still points at the git directory, which is another tree's now.
    if (readdirSync(scene.root).includes('aside')) expect(workTreeAt(scene.path('aside'))).toBeNull()
  })

  it.each([
    ['a copy of it', (scene: Scene) => cpSync(scene.path('linked'), scene.path('other'), { recursive: true })],
    [
      'a folder whose .git is a link to its own',
      (scene: Scene) => {
        scene.folder('other')
        symlinkSync('../linked/.git', scene.path('other/.git'))
      },
    ],
    [
      'a folder with a .git that says the same',
      scene => void scene.write('other/.git', readFileSync(scene.path('linked/.git'), 'utf8')),
    ],
  ] as [string, (scene: Scene) => void][])('is not %s, which is unknown', (_what, make) => {
    using scene = new Scene()
    const tree = linkedTree(scene)
    make(scene)
    expect(scene.which('other').url).toBe(scene.which('linked').url)
    expect(workTreeAt(scene.path('other'))).toBeNull()
    expect(known(scene, 'linked')).toEqual(tree)
  })

  it.each(['', 'x', `${'g'.repeat(32)}\n`, `${'a'.repeat(32)}\r`])(
    'with a mark that is damaged (%j) is unknown',
    text => {
      using scene = new Scene()
      linkedTree(scene)
      writeFileSync(scene.path('main/.git/worktrees/linked/holdfast-tree'), text)
      expect(workTreeAt(scene.path('linked'))).toBeNull()
    },
  )

  it('is unknown where no mark can be made, and is then asked about as every tree', async () => {
    using scene = new Scene()
    scene.repository('main')
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    // Something of that name keeps everybody from making it, root as well.
    scene.folder('main/.git/worktrees/linked/holdfast-tree')
    expect(workTreeAt(scene.path('linked'))).toBeNull()
    const config = Configuration.parse({ workTrees: 'apart' })
    const open = (folder: string) => openLeanLedger(undefined, { folder: scene.path(folder), config })
    await using linked = await open('linked')
    await using main = await open('main')
    const ask = { region: ['src/**'], ttl: '1h' } as const
    expect(await linked.acquire({ lane: 'a', holder: 'A', ...ask })).toMatchObject({ outcome: 'granted' })
    expect(await main.acquire({ lane: 'b', holder: 'B', ...ask })).toMatchObject({ code: 'region-held' })
  })
})

describe('the main work tree', () => {
  it('is the folder that its git directory lies in, and no other that names it', () => {
    using scene = new Scene()
    const main = scene.repository('main')
    scene.folder('other')
    expect(known(scene, 'main')).toEqual({ id: 'main', path: main })
    const variables = { GIT_DIR: scene.path('main/.git'), GIT_WORK_TREE: scene.path('other') }
    expect(workTreeAt(scene.path('other'), variables)).toBeNull()
    symlinkSync('../main/.git', scene.path('other/.git'))
    expect(workTreeAt(scene.path('other'))).toBeNull()
  })

  it('is known as well where its git directory stands by itself', () => {
    using scene = new Scene()
    scene.git('.', 'init', '-q', '--separate-git-dir', scene.path('stored'), 'own')
    expect(known(scene, 'own').id).toBe('main')
  })
})

describe('where trees are apart', () => {
  it('a lease of a tree that is gone opens nothing in the one that took its name, and closes nothing there', async () => {
    using scene = new Scene()
    linkedTree(scene)
    const at = { folder: scene.path('linked'), config: Configuration.parse({ workTrees: 'apart' }) }
    const ask = { region: ['src/**'], ttl: '1h' } as const
    {
      await using ledger = await openLeanLedger(undefined, at)
      expect(await ledger.acquire({ lane: 'a', holder: 'A', ...ask })).toMatchObject({ outcome: 'granted' })
    }
    renameSync(scene.path('linked'), scene.path('aside'))
    scene.git('main', 'worktree', 'prune')
    scene.git('main', 'worktree', 'add', '-q', '--force', '../linked', 'linked')
    {
      await using ledger = await openLeanLedger(undefined, at)
      expect(await ledger.acquire({ lane: 'b', holder: 'B', ...ask })).toMatchObject({ outcome: 'granted' })
    }
    const check = async (folder: string, holder: string) =>
      (await scene.holdfast(folder, ['guard', 'check', '--holder', holder, 'src/x', '--json'])).answer
    const refused = { permitted: false, paths: [{ verdict: 'refused', basis: 'held-by-other' }] }
    expect(await check('linked', 'A')).toMatchObject(refused)
    // The tree that was moved aside is unknown: neither of them may write there.
    expect(await check('aside', 'A')).toMatchObject(refused)
    expect(await check('aside', 'B')).toMatchObject(refused)
    expect(await check('linked', 'B')).toMatchObject({ permitted: true })
  })
})
