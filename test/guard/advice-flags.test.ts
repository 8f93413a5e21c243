import { mkdirSync } from 'node:fs'
import { openLeanLedger } from '@holdfast/engine/lean'
import { expect, it } from 'vitest'
import { Scene } from '../which-ledger/scene.ts'
import { COMMAND } from '../setup/command.ts'

interface Situation {
  /** Where the guard is asked, and the advice is pasted. */
  readonly folder: string
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Where the ledger is that refuses: a store in the scene's folder, and its name there. */
  readonly store?: string
  readonly ledger?: string
  /** The tree in which the lease is, and the file that is asked about, from there. */
  readonly tree?: string
}

const RUN = `holdfast() { '${process.execPath}' '${COMMAND}' "$@"; }`

it.concurrent.each<[string, Situation]>([
  [
    'a store that is named from here',
    { folder: 'main/sub', flags: ['--store', 'sqlite:../../l x.db'], store: 'l x.db' },
  ],
  [
    'a store that is named from here, and a path in another tree',
    { folder: 'main', flags: ['--store', 'sqlite:../l x.db'], store: 'l x.db', tree: 'main/.trees/side' },
  ],
  [
    'a store that a variable names from here, and a path in another tree',
    { folder: 'main', env: { HOLDFAST_STORE: 'sqlite:../l.db' }, store: 'l.db', tree: 'main/.trees/side' },
  ],
  ['a ledger of its own name', { folder: 'main/sub', flags: ['--ledger', 'second one'], ledger: 'second one' }],
  [
    'a ledger of its own name, that a variable names, and a configuration from here',
    {
      folder: 'main',
      flags: ['--config', 'holdfast.json'],
      env: { HOLDFAST_LEDGER: 'second' },
      ledger: 'second',
      tree: 'main/.trees/side',
    },
  ],
  [
    'the default, where a variable names another one',
    { folder: 'main', flags: ['--ledger', 'default'], env: { HOLDFAST_LEDGER: 'second' } },
  ],
  ['another tree, named as the root', { folder: 'main', flags: ['--root', '../linked'], tree: 'linked' }],
  ['a nested repository', { folder: 'main', tree: 'main/nested' }],
])('what the guard advises covers the file in the ledger that refuses: %s', async (_what, situation) => {
  const { folder, flags = [], env = {}, store, ledger = 'default', tree = 'main' } = situation
  using scene = new Scene()
  scene.repository('main')
  scene.folder('main/sub')
  scene.write('main/holdfast.json', '{}')
  scene.git('main', 'worktree', 'add', '-q', tree === 'linked' ? '../linked' : '.trees/side')
  if (tree === 'main/nested') scene.repository(tree)
  const open = async (at: string) => {
    const url = store === undefined ? undefined : `sqlite:${scene.path(store)}`
    return openLeanLedger(url, { folder: scene.path(at), ledger, create: 'always' })
  }
  // A ledger is in the working folder too, so that its absence is not what is told.
  if (tree !== 'main') await (await open('main')).close()
  await using own = await open(tree)
  mkdirSync(scene.path(tree, 'src'), { recursive: true })
  const held = await own.acquire({ lane: 'all', holder: 'A', region: ['src/**'], ttl: '1h' })
  if (held.outcome !== 'granted') throw new Error(held.outcome)

  const file = scene.path(tree, 'src', "it's [x].ts")
  const check = ['guard', 'check', '--holder', 'B', ...flags, file]
  const told = await scene.holdfast(folder, check, env)
  const advice = /wait for it: (.*)/.exec(told.stderr)?.[1] ?? told.stderr
  await own.release({ lane: 'all', holder: 'A', token: held.lease.token })
  const pasted = await scene.run('sh', ['-c', `${RUN}\n${advice}`], { cwd: folder, env })
  expect(pasted, advice).toMatchObject({ exitCode: 0 })
  await own.refresh()
  const leases = [...own.state.leases.values()].filter(({ holder }) => holder === 'B')
  expect(
    leases.map(({ lane, region }) => [lane, region]),
    advice,
  ).toEqual([['src/it-s-x-.ts', ["src/it's [[]x[]].ts/**"]]])
})
