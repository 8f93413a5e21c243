import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import * as fc from 'fast-check'
import { openLeanLedger } from '@holdfast/engine/lean'
import { openMeantStore } from '@holdfast/engine/which-ledger'
import { ledgersToAsk } from '@holdfast/engine/write-guard'
import { FailureAnswer, InitAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { Scene } from './scene.ts'

/** Makes a store as a command in that folder that names it. */
async function made(scene: Scene, folder: string, store: string): Promise<string> {
  const environment = { HOLDFAST_STORE: `sqlite:${scene.path(store)}` }
  const { store: opened } = await openMeantStore({ folder: scene.path(folder), environment }, { making: 'always' })
  await opened.close()
  return environment.HOLDFAST_STORE
}

const named = (scene: Scene, folder: string, url: string) => scene.which(folder, { HOLDFAST_STORE: url })

describe('two callers of one ledger mean the same file by the same region', () => {
  const FOLDERS = [
    '.',
    'main',
    'main/src',
    'main/.trees/inside',
    'main/.trees/inside/src',
    'main/nested',
    'main/nested/src',
    'linked',
    'linked/src',
    'other',
    'plain',
    'plain/deep',
  ] as const
  const STORES = ['main/.git/holdfast/ledger.db', 'main/.holdfast/ledger.db', 'plain/.holdfast/ledger.db'] as const

  it('wherever they stand, whoever made it, and however it is named', async () => {
    using scene = new Scene()
    scene.repository('main')
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    scene.git('main', 'worktree', 'add', '-q', '.trees/inside')
    scene.repository('main/nested')
    scene.repository('other')
    for (const folder of FOLDERS) mkdirSync(scene.path(folder), { recursive: true })
    // What git says, and not what is tested.
    const told = (folder: string): readonly (string | null)[] => {
      try {
        const asked = ['--path-format=absolute', '--git-common-dir', '--show-toplevel']
        return scene.git(folder, 'rev-parse', ...asked).split('\n')
      } catch {
        return [null, null]
      }
    }
    const git = new Map(FOLDERS.map(folder => [folder, told(folder)]))
    const stores = [
      ...(await Promise.all(STORES.map(store => made(scene, 'other', store)))),
      ...(await Promise.all(FOLDERS.map((folder, index) => made(scene, folder, `stores/${index}.db`)))),
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...stores),
        fc.constantFrom(...FOLDERS),
        fc.constantFrom(...FOLDERS),
        (url, one, other) => {
          const [a, b] = [named(scene, one, url), named(scene, other, url)]
          if (a.root === b.root) return
          // Different roots are for work trees of one repository alone: each its own top, and the main one's for others.
          for (const [folder, { root }] of [[one, a] as const, [other, b] as const]) {
            const [common, top] = git.get(folder) ?? []
            expect(root).toBe(common === scene.path('main/.git') ? top : scene.path('main'))
          }
        },
      ),
      { numRuns: 400 },
    )
  })
})

describe('a store that is named', () => {
  it('has the root of its place: a repository’s ledger from above, from a nested and from another repository', async () => {
    using scene = new Scene()
    const main = scene.repository('main')
    scene.repository('main/nested')
    scene.repository('other')
    const url = await made(scene, 'main', 'main/.git/holdfast/ledger.db')
    expect(named(scene, '.', url)).toMatchObject({ root: main, away: scene.root, workTree: { id: 'main' } })
    expect(named(scene, 'main/nested', url)).toMatchObject({ root: main, workTree: { id: 'main', path: main } })
    expect(named(scene, 'main/nested', url).away).toBeUndefined()
    expect(named(scene, 'other', url)).toMatchObject({ root: main, away: scene.path('other') })
  })

  it('elsewhere has the root of who made it, recorded beside it, and keeps it in the hands of others', async () => {
    using scene = new Scene()
    const a = scene.folder('a')
    scene.folder('b')
    const url = await made(scene, 'a', 'srv/team.db')
    expect(named(scene, 'a', url)).toMatchObject({ root: a })
    expect(named(scene, 'b', url)).toMatchObject({ root: a, away: scene.path('b') })
    expect(named(scene, '.', url)).toMatchObject({ root: a, away: scene.root })
    // Making it once more from elsewhere changes nothing.
    await made(scene, 'b', 'srv/team.db')
    expect(named(scene, 'b', url)).toMatchObject({ root: a })
  })

  it('within its root moves with it; one outside names the folder that has moved', async () => {
    using scene = new Scene()
    scene.repository('main')
    const inside = await made(scene, 'main', 'main/team.db')
    const outside = await made(scene, 'main', 'srv/team.db')
    renameSync(scene.path('main'), scene.path('moved'))
    const moved = scene.path('moved')
    expect(named(scene, 'moved', inside.replace('/main/', '/moved/'))).toMatchObject({ root: moved })
    expect(named(scene, 'moved', outside)).toMatchObject({ root: scene.path('main'), away: moved })
  })

  it('keeps its root when the linked work tree that made it is gone', async () => {
    using scene = new Scene()
    const main = scene.repository('main')
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    const url = await made(scene, 'linked', 'srv/team.db')
    scene.git('main', 'worktree', 'remove', '../linked')
    expect(named(scene, 'main', url)).toMatchObject({ root: main })
    expect(named(scene, '.', url)).toMatchObject({ root: main, away: scene.root })
  })

  it('goes by each caller’s place when it is older than that, and on a server', async () => {
    using scene = new Scene()
    const main = scene.repository('main')
    const other = scene.repository('other')
    const url = `sqlite:${await scene.store('srv/team.db')}`
    for (const store of [url, 'esdb://host:2113']) {
      expect(named(scene, 'main', store)).toMatchObject({ root: main, rootIsOwn: true })
      expect(named(scene, 'other', store)).toMatchObject({ root: other, rootIsOwn: true })
    }
  })

  it('is not used while its record cannot be read', async () => {
    using scene = new Scene()
    const url = await made(scene, '.', 'team.db')
    for (const text of ['', 'x', '{"root":3,"repository":null}', '{"root":"a","repository":null}']) {
      writeFileSync(scene.path('team.db.root'), text)
      expect(() => named(scene, '.', url)).toThrow(/team\.db\.root.* cannot be read.*holdfast init/s)
    }
  })

  it('refuses a plain region from outside its root, names both, and takes one that says where it is', async () => {
    using scene = new Scene()
    scene.repository('main')
    const url = await made(scene, 'main', 'main/.git/holdfast/ledger.db')
    await using ledger = await openLeanLedger(url)
    await ledger.acquire({ lane: 'api', holder: 'agent-1', region: ['src/**'], ttl: '1h' })
    const plain = await scene.acquire('.', 'x', 'agent-2', '--store', url, '--region', 'main/src/**')
    expect(plain.exitCode).toBe(2)
    const { message } = FailureAnswer.parse(plain.answer).error
    expect(message).toContain(`relative to ${scene.path('main')}, and you are in ${scene.root}`)
    const placed = await scene.acquire('.', 'x', 'agent-2', '--store', url, '--path', 'main/src/x')
    expect(placed).toMatchObject({ exitCode: 3, answer: { code: 'region-held', root: scene.path('main') } })
    const check = ['guard', 'check', '--holder', 'agent-2', '--store', url, '--json']
    const above = await scene.holdfast('.', [...check, 'main/src/x'])
    expect(above).toMatchObject({ exitCode: 3, answer: { paths: [{ path: 'src/x', verdict: 'refused' }] } })
  })
})

describe('the guard of a named ledger', () => {
  const path = (given: string) => ({ given, inside: [given], outside: [] })

  it('asks for a path in another work tree of its repository under that tree’s root, also from no repository', async () => {
    using scene = new Scene()
    const main = scene.repository('main')
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    scene.folder('linked/src')
    const url = await made(scene, 'main', 'main/.git/holdfast/ledger.db')
    const which = named(scene, '.', url)
    const outside = { given: 'linked/src/x', inside: [], outside: [scene.path('linked/src/x')] }
    const asked = ledgersToAsk(which, { root: which.root, paths: [outside], staged: false })
    expect(asked).toMatchObject([{ url, root: scene.path('linked'), paths: [{ inside: ['src/x'] }] }])
    expect(which.root).toBe(main)
  })

  it('asks under all roots around a path, where each caller has one of their own', async () => {
    using scene = new Scene()
    const main = scene.repository('main')
    const nested = scene.repository('main/nested')
    const url = `sqlite:${await scene.store('srv/team.db')}`
    const roots = (folder: string, given: string) => {
      const which = named(scene, folder, url)
      return ledgersToAsk(which, { root: which.root, paths: [path(given)], staged: false }).map(
        ({ root, paths }) => `${relative(scene.root, root)}: ${paths[0]?.inside[0]}`,
      )
    }
    expect(roots('main', 'nested/x')).toEqual(['main/nested: x'])
    expect(roots('main/nested', 'x')).toEqual(['main: nested/x'])
    expect([main, nested]).toHaveLength(2)
  })
})

it('git init above a ledger of a plain folder changes no region: its root stays, and the guard of both asks it', async () => {
  using scene = new Scene()
  const folder = scene.folder('p/f')
  await using ledger = await openLeanLedger(undefined, { folder })
  await ledger.acquire({ lane: 'api', holder: 'agent-1', region: ['src/**'], ttl: '1h' })
  scene.git('p', 'init', '-q')
  const url = `sqlite:${scene.path('p/f/.holdfast/ledger.db')}`
  expect(scene.which('p/f')).toMatchObject({ url, why: 'work-tree', root: folder })
  const outer = scene.which('p')
  const paths = [{ given: 'f/src/x', inside: ['f/src/x'], outside: [] }]
  const asked = ledgersToAsk(outer, { root: outer.root, paths, staged: false })
  expect(asked).toMatchObject([{ url, root: folder, paths: [{ inside: ['src/x'] }] }])
})

describe('init --root', () => {
  it('each: clones share a ledger, each from the top of its own', async () => {
    using scene = new Scene()
    scene.repository('a')
    scene.git('.', 'clone', '-q', 'a', 'b')
    const url = `sqlite:${scene.path('srv/team.db')}`
    const init = await scene.holdfast('a', ['init', '--root', 'each', '--store', url, '--json'])
    expect(InitAnswer.parse(init.answer)).toMatchObject({ created: true, root: scene.path('a') })
    expect(named(scene, 'b', url)).toMatchObject({ root: scene.path('b'), rootIsOwn: true })
    expect(named(scene, '.', url)).toMatchObject({ away: scene.root })
    await using ledger = await openLeanLedger(url)
    await ledger.acquire({ lane: 'api', holder: 'agent-1', region: ['src/**'], ttl: '1h' })
    const check = await scene.holdfast('.', ['guard', 'check', '--store', url, '--json', '--holder', 'b', 'b/src/x'])
    expect(check.answer).toMatchObject({ permitted: false, paths: [{}, { path: 'src/x', verdict: 'refused' }] })
    const nowhere = await scene.acquire('.', 'x', 'b', '--store', url, '--path', 'b/src/x')
    expect([nowhere.exitCode, FailureAnswer.parse(nowhere.answer).error.message]).toEqual([
      2,
      expect.stringContaining('is in none'),
    ])
  })

  it('gives a ledger another root when nothing is leased in it, and not before', async () => {
    using scene = new Scene()
    scene.folder('a')
    scene.folder('b')
    const url = await made(scene, 'a', 'srv/team.db')
    const root = ['init', '--root', '.', '--store', url, '--json']
    await using ledger = await openLeanLedger(url)
    const asked = await ledger.acquire({ lane: 'api', holder: 'agent-1', region: ['src/**'], ttl: '1h' })
    if (asked.outcome !== 'granted') throw new Error(asked.outcome)
    expect((await scene.holdfast('b', root)).exitCode).toBe(2)
    expect(named(scene, 'b', url)).toMatchObject({ root: scene.path('a') })
    await ledger.release({ lane: 'api', holder: 'agent-1', token: asked.lease.token })
    expect((await scene.holdfast('b', root)).answer).toMatchObject({ root: scene.path('b') })
    expect(named(scene, 'a', url)).toMatchObject({ root: scene.path('b'), away: scene.path('a') })
  })
})

it('a move takes the root along, and is refused where regions would mean other files', async () => {
  using scene = new Scene()
  scene.repository('main')
  scene.folder('other')
  await scene.acquire('main', 'api', 'a', '--region', 'src/**')
  const refused = await scene.holdfast('main', ['move', '--to', `sqlite:${scene.path('other/.holdfast/ledger.db')}`])
  expect([refused.exitCode, refused.stderr.includes(scene.path('other'))]).toEqual([2, true])
  const url = `sqlite:${scene.path('srv/team.db')}`
  expect((await scene.holdfast('main', ['move', '--to', url])).exitCode).toBe(0)
  expect(named(scene, '.', url)).toMatchObject({ root: scene.path('main'), away: scene.root })
})
