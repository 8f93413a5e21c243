import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { workTreeAt } from '@holdfast/engine/which-ledger'
import { StoreError } from '@holdfast/store'
import { describe, expect, it } from 'vitest'
import { Scene } from './scene.ts'

const inGit = (top: string): string => `sqlite:${join(top, '.git', 'holdfast', 'ledger.db')}`

const markedAs = (name: string): unknown => expect.stringMatching(new RegExp(`^worktrees/${name}/[0-9a-f]{32}$`))

function refusal(scene: Scene, folder: string, environment: NodeJS.ProcessEnv = {}): string {
  try {
    scene.which(folder, environment)
  } catch (error) {
    if (error instanceof StoreError && error.code === 'unavailable') return error.message
    throw error
  }
  throw new Error('a ledger was found')
}

describe('in a repository', () => {
  it('every folder of every work tree means the ledger in the common git directory', () => {
    using scene = new Scene()
    const main = scene.repository('main')
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    scene.git('main', 'worktree', 'add', '-q', '.trees/inside')
    scene.folder('main/src/deep')
    scene.folder('main/.trees/inside/src')
    const expected = { url: inGit(main), why: 'git-directory', exists: false, others: [], surrounding: [] }
    const tree = (id: unknown, root: string) => ({ ...expected, root, workTree: { id, path: root } })
    for (const folder of ['linked', 'main/.trees/inside']) workTreeAt(scene.path(folder))
    expect(scene.which('main')).toEqual(tree('main', main))
    expect(scene.which('main/src/deep')).toEqual(tree('main', main))
    expect(scene.which('main/.git/refs')).toEqual(tree('main', main))
    expect(scene.which('linked')).toEqual(tree(markedAs('linked'), scene.path('linked')))
    expect(scene.which('main/.trees/inside/src')).toEqual(tree(markedAs('inside'), scene.path('main/.trees/inside')))
    expect(scene.which('main/.git/worktrees/linked')).toEqual(tree(markedAs('linked'), scene.path('linked')))
  })

  it('a work tree that was moved keeps its ledger, and its id where git knows of the move', () => {
    using scene = new Scene()
    const main = scene.repository('main')
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    scene.git('main', 'worktree', 'move', '../linked', '../moved')
    workTreeAt(scene.path('moved'))
    expect(scene.which('moved')).toMatchObject({ url: inGit(main), workTree: { id: markedAs('linked') } })
    renameSync(scene.path('moved'), scene.path('again'))
    expect(scene.which('again')).toMatchObject({ url: inGit(main), root: scene.path('again'), workTree: null })
  })

  it('a bare repository has one ledger for its work trees and for itself', () => {
    using scene = new Scene()
    scene.repository('source')
    scene.git('.', 'clone', '-q', '--bare', 'source', 'project/.bare')
    scene.git('project/.bare', 'worktree', 'add', '-q', '../main')
    scene.git('project/.bare', 'worktree', 'add', '-q', '-b', 'side', '../side')
    const url = `sqlite:${scene.path('project/.bare/holdfast/ledger.db')}`
    for (const tree of ['main', 'side']) {
      workTreeAt(scene.path('project', tree))
      expect(scene.which(`project/${tree}`)).toMatchObject({ url, workTree: { id: markedAs(tree) } })
    }
    expect(scene.which('project/.bare/hooks')).toMatchObject({ url, workTree: null })
    scene.write('project/.git', 'gitdir: ./.bare\n')
    expect(scene.which('project')).toMatchObject({ url, root: scene.path('project') })
  })

  it('a git directory of its own name is found, and one that is a symbolic link', () => {
    using scene = new Scene()
    scene.git('.', 'init', '-q', '--separate-git-dir', scene.path('elsewhere'), 'apart')
    expect(scene.which('apart').url).toBe(`sqlite:${scene.path('elsewhere/holdfast/ledger.db')}`)
    const main = scene.repository('main')
    renameSync(join(main, '.git'), scene.path('stored'))
    symlinkSync('../stored', join(main, '.git'))
    expect(scene.which('main')).toMatchObject({ url: `sqlite:${scene.path('stored/holdfast/ledger.db')}`, root: main })
  })

  it('a symbolic link to a work tree leads to the same ledger, root and tree', () => {
    using scene = new Scene()
    scene.repository('main')
    scene.folder('main/src')
    symlinkSync('main', scene.path('link'))
    symlinkSync('main/src', scene.path('deep'))
    expect(scene.which('link')).toEqual(scene.which('main'))
    expect(scene.which('deep')).toEqual(scene.which('main/src'))
  })

  it('the nearest .holdfast within the work tree comes first, then that of the main one; the others are told', async () => {
    using scene = new Scene()
    const main = scene.repository('main')
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    const common = `sqlite:${await scene.store('main/.git/holdfast/ledger.db')}`
    expect(scene.which('main')).toMatchObject({ url: common, exists: true, others: [] })
    const top = `sqlite:${await scene.store('main/.holdfast/ledger.db')}`
    expect(scene.which('main')).toMatchObject({ url: top, why: 'work-tree', root: main, others: [common] })
    expect(scene.which('linked')).toMatchObject({
      url: top,
      why: 'main-tree',
      root: scene.path('linked'),
      others: [common],
    })
    const sub = `sqlite:${await scene.store('main/src/.holdfast/ledger.db')}`
    expect(scene.which('main/src')).toMatchObject({ url: sub, why: 'work-tree', root: main, others: [top, common] })
    expect(scene.which('main').url).toBe(top)
  })

  it('a ledger above the repository is not its own, and is asked by the guard', async () => {
    using scene = new Scene()
    const above = { url: `sqlite:${await scene.store('.holdfast/ledger.db')}`, root: scene.root }
    const main = scene.repository('main')
    expect(scene.which('main')).toMatchObject({ url: inGit(main), exists: false, surrounding: [above] })
  })
})

describe('a submodule', () => {
  it('belongs to its superproject, at any depth, in every work tree, and with a git directory of its own', () => {
    using scene = new Scene()
    scene.repository('leaf')
    scene.repository('middle')
    scene.submodule('middle', 'leaf', 'leaf')
    const top = scene.repository('top')
    scene.submodule('top', 'middle', 'libs/middle')
    scene.git('top', '-c', 'protocol.file.allow=always', 'submodule', 'update', '-q', '--init', '--recursive')
    const expected = { url: inGit(top), root: top, workTree: { id: 'main', path: top }, surrounding: [] }
    expect(scene.which('top/libs/middle')).toMatchObject(expected)
    expect(scene.which('top/libs/middle/leaf')).toMatchObject(expected)

    scene.git('top', 'worktree', 'add', '-q', '../linked')
    scene.git('linked', '-c', 'protocol.file.allow=always', 'submodule', 'update', '-q', '--init')
    const linked = { url: inGit(top), root: scene.path('linked'), workTree: { id: markedAs('linked') } }
    workTreeAt(scene.path('linked/libs/middle'))
    expect(scene.which('linked/libs/middle')).toMatchObject(linked)

    scene.git('top', 'clone', '-q', scene.path('leaf'), 'old style')
    scene.git('top', '-c', 'advice.addEmbeddedRepo=false', 'submodule', 'add', '-q', './old style', 'old style')
    expect(scene.which('top/old style')).toMatchObject(expected)
    // As after a checkout of a commit without it: the folder stays, and its git directory is in the superproject's.
    rmSync(scene.path('top/.gitmodules'))
    expect(scene.which('top/libs/middle')).toMatchObject(expected)
  })

  it('has no use for a ledger in its own folders, which is told', async () => {
    using scene = new Scene()
    scene.repository('leaf')
    const top = scene.repository('top')
    scene.submodule('top', 'leaf', 'leaf')
    const stray = await scene.store('top/leaf/.holdfast/ledger.db')
    expect(scene.which('top/leaf')).toMatchObject({ url: inGit(top), others: [`sqlite:${stray}`] })
  })

  it('checked out outside its superproject is refused: its files go by other paths there', () => {
    using scene = new Scene()
    scene.repository('leaf')
    scene.repository('top')
    scene.submodule('top', 'leaf', 'leaf')
    scene.git('top/leaf', 'worktree', 'add', '-q', scene.path('stray'))
    expect(refusal(scene, 'stray')).toContain("a work tree of a submodule's repository")
  })
})

it('a nested repository has its own ledger, and those around it are told', async () => {
  using scene = new Scene()
  const outer = scene.repository('outer')
  const inner = scene.repository('outer/vendor/inner')
  expect(scene.which('outer/vendor/inner')).toMatchObject({ url: inGit(inner), root: inner, surrounding: [] })
  await scene.store('outer/.git/holdfast/ledger.db')
  const around = [{ url: inGit(outer), root: outer }]
  expect(scene.which('outer/vendor/inner')).toMatchObject({ url: inGit(inner), surrounding: around })
  const core = scene.repository('outer/vendor/inner/core')
  await scene.store('outer/vendor/inner/.git/holdfast/ledger.db')
  expect(scene.which('outer/vendor/inner/core')).toMatchObject({
    url: inGit(core),
    surrounding: [{ url: inGit(inner), root: inner }, ...around],
  })
})

describe('a .git that cannot be used is an error that names it, and no ledger is found or made', () => {
  it.each<[what: string, make: (scene: Scene) => void, named: string]>([
    ['points nowhere', scene => void scene.write('tree/.git', 'gitdir: /nowhere/.git/worktrees/x\n'), '/nowhere/.git'],
    ['says nothing', scene => void scene.write('tree/.git', 'hello\n'), 'does not say'],
    ['is empty', scene => void scene.write('tree/.git', ''), 'does not say'],
    ['is an empty folder', scene => void scene.folder('tree/.git'), 'no git directory'],
    ['is a link to nothing', scene => symlinkSync('gone', scene.path('tree/.git')), 'symbolic link to nothing'],
    ['is a link to itself', scene => symlinkSync('.git', scene.path('tree/.git')), 'cannot be read'],
    [
      'has lost its common directory',
      scene => {
        scene.repository('main')
        scene.git('main', 'worktree', 'add', '-q', '--force', scene.path('tree'))
        writeFileSync(scene.path('main/.git/worktrees/tree/commondir'), '../gone\n')
      },
      'gone',
    ],
    [
      'belongs to a repository that was moved away',
      scene => {
        scene.repository('main')
        scene.git('main', 'worktree', 'add', '-q', '--force', scene.path('tree'))
        renameSync(scene.path('main'), scene.path('elsewhere'))
      },
      'main/.git/worktrees/tree',
    ],
  ])('%s', (_what, make, named) => {
    using scene = new Scene()
    scene.folder('tree/src')
    if (_what.startsWith('has lost') || _what.startsWith('belongs')) rmSync(scene.path('tree'), { recursive: true })
    make(scene)
    mkdirSync(scene.path('tree/src'), { recursive: true })
    const message = refusal(scene, 'tree/src')
    expect(message).toContain(scene.path('tree/.git'))
    expect(message).toContain(named)
    expect(message).toContain('HOLDFAST_STORE')
    const store = { HOLDFAST_STORE: 'sqlite:/srv/ledger.db' }
    expect(scene.which('tree/src', store)).toMatchObject({ why: 'variable', root: scene.path('tree') })
  })
})

describe('what git says in its variables', () => {
  it('counts only where no .git is found, so a hook and a shell in one folder mean the same ledger', () => {
    using scene = new Scene()
    const main = scene.repository('main')
    scene.repository('other')
    const hook = { GIT_DIR: scene.path('other/.git'), GIT_INDEX_FILE: '.git/index', GIT_WORK_TREE: scene.path('other') }
    expect(scene.which('main', hook)).toEqual(scene.which('main'))
    const plain = scene.folder('plain')
    expect(scene.which('plain', { GIT_DIR: '../main/.git' })).toMatchObject({ url: inGit(main), root: plain })
    expect(scene.which('plain', { GIT_DIR: '../main/.git', GIT_WORK_TREE: '../main' })).toMatchObject({
      url: inGit(main),
      root: main,
    })
    expect(refusal(scene, 'plain', { GIT_DIR: 'gone' })).toContain('GIT_DIR')
    expect(scene.which('plain', { GIT_DIR: '' }).why).toBe('folder')
  })
})

describe('outside git', () => {
  it('the nearest .holdfast upward is meant, else one in the folder', async () => {
    using scene = new Scene()
    const deep = scene.folder('a/b')
    const made = `sqlite:${join(deep, '.holdfast', 'ledger.db')}`
    expect(scene.which('a/b')).toMatchObject({ url: made, why: 'folder', exists: false, root: deep, workTree: null })
    const upper = `sqlite:${await scene.store('.holdfast/ledger.db')}`
    const nearer = `sqlite:${await scene.store('a/.holdfast/ledger.db')}`
    expect(scene.which('a/b')).toMatchObject({ url: nearer, root: scene.path('a'), others: [upper] })
  })

  it('a ledger that is gone or out of sight is not passed over for another one', async () => {
    using scene = new Scene()
    await scene.store('.holdfast/ledger.db')
    scene.folder('a/b')
    scene.write('a/.holdfast/ledger.db.head', 'x')
    expect(scene.which('a/b')).toMatchObject({ url: `sqlite:${scene.path('a/.holdfast/ledger.db')}`, exists: true })
    symlinkSync('/not mounted', scene.path('a/b/.holdfast'))
    expect(scene.which('a/b')).toMatchObject({ url: `sqlite:${scene.path('a/b/.holdfast/ledger.db')}`, exists: true })
  })
})

describe('a store that is named', () => {
  it('is meant before everything else; one named by nothing is not named', async () => {
    using scene = new Scene()
    const main = scene.repository('main')
    const there = await scene.store('main/.holdfast/ledger.db')
    const named = scene.which('main', { HOLDFAST_STORE: 'sqlite:team.db' })
    expect(named).toMatchObject({ url: 'sqlite:team.db', why: 'variable', exists: false, root: main })
    expect(named.others).toEqual([`sqlite:${there}`])
    expect(scene.which('main', { HOLDFAST_STORE: 'sqlite:.holdfast/../.holdfast/ledger.db' })).toMatchObject({
      exists: true,
      others: [],
    })
    expect(scene.which('main', { HOLDFAST_STORE: '' })).toMatchObject({ why: 'work-tree' })
    expect(scene.which('main', { HOLDFAST_STORE: 'esdb://h:1' }).exists).toBe('unknown')
  })
})
