import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { ledgersToAsk } from '@holdfast/engine/write-guard'
import { GuardAnswer, GuardInstallAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { Scene } from './scene.ts'
import { COMMAND } from '../setup/command.ts'

/** Takes a lease in this very process: only what is tested is worth a process. */
async function lease(scene: Scene, folder: string, holder: string, region: string): Promise<void> {
  const { openLeanLedger } = await import('@holdfast/engine/lean')
  await using ledger = await openLeanLedger(undefined, { folder: scene.path(folder) })
  const outcome = await ledger.acquire({ lane: holder, holder, region: [region], ttl: '1h' })
  expect(outcome.outcome).toBe('granted')
}

async function check(scene: Scene, folder: string, holder: string, path: string) {
  const { exitCode, answer, stderr } = await scene.holdfast(folder, [
    'guard',
    'check',
    '--holder',
    holder,
    path,
    '--json',
  ])
  expect(stderr).toBe('')
  return { exitCode, answer: GuardAnswer.parse(answer) }
}

it('a submodule inside a region is guarded from the guard and from a commit in it, and the hook is entered there', async () => {
  using scene = new Scene()
  scene.repository('lib')
  scene.repository('top')
  const lib = scene.submodule('top', 'lib', 'libs/lib')
  await lease(scene, 'top', 'agent-1', 'libs/**')
  const refused = {
    guard: 'on',
    permitted: false,
    root: scene.path('top'),
    paths: [{ path: 'libs/lib/x.ts', verdict: 'refused' }],
  }
  expect(await check(scene, 'top/libs/lib', 'agent-2', 'x.ts')).toMatchObject({ exitCode: 3, answer: refused })

  const installed = await scene.started('top', ['guard', 'install', '--git', '--json'])
  const { changes } = GuardInstallAnswer.parse(installed.answer)
  expect(changes).toMatchObject([
    { hook: 'git', file: scene.path('top/.git/hooks/pre-commit') },
    {
      hook: 'git',
      file: scene.path('top/.git/modules/libs/lib/hooks/pre-commit'),
      notes: [`in the submodule libs/lib`],
    },
  ])
  scene.write('top/libs/lib/x.ts', 'x')
  scene.git('top/libs/lib', 'add', 'x.ts')
  const commit = (holder: string) =>
    scene.run('git', ['commit', '-q', '-m', 'x'], { cwd: 'top/libs/lib', env: { HOLDFAST_HOLDER: holder } })
  const other = await commit('agent-2')
  expect(other).toMatchObject({ exitCode: 1 })
  expect(other.stderr).toContain('libs/lib/x.ts is refused')
  expect((await commit('agent-1')).exitCode).toBe(0)
  expect(lib).toBe(scene.path('top/libs/lib'))

  const removed = await scene.started('top/libs/lib', ['guard', 'install', '--git', '--remove', '--json'])
  expect(GuardInstallAnswer.parse(removed.answer).changes.map(({ change }) => change)).toEqual(['removed', 'removed'])
})

describe('a nested repository', () => {
  it('asks the ledger of the repository around it as well, which refuses', async () => {
    using scene = new Scene()
    scene.repository('outer')
    scene.repository('outer/vendor/inner')
    await lease(scene, 'outer', 'agent-1', 'vendor/**')
    // Without a ledger of its own nothing is allowed, and the one around it is named.
    const none = await scene.holdfast('outer/vendor/inner', ['guard', 'check', '--holder', 'agent-2', 'x.ts'])
    expect(none.exitCode).toBe(5)
    expect(none.stderr).toContain(`has a ledger at sqlite:${scene.path('outer/.git/holdfast/ledger.db')}`)
    await lease(scene, 'outer/vendor/inner', 'agent-2', 'x.ts')
    const { exitCode, answer } = await check(scene, 'outer/vendor/inner', 'agent-2', 'x.ts')
    const by = { store: `sqlite:${scene.path('outer/.git/holdfast/ledger.db')}`, root: scene.path('outer') }
    expect({ exitCode, answer }).toMatchObject({
      exitCode: 3,
      answer: {
        permitted: false,
        paths: [
          { path: 'x.ts', verdict: 'allowed' },
          { path: 'vendor/inner/x.ts', verdict: 'refused', holder: 'agent-1', ledger: by },
        ],
      },
    })
    expect((await check(scene, 'outer/vendor/inner', 'agent-1', 'y.ts')).exitCode).toBe(0)
  })

  it('asks it for a commit as well', async () => {
    using scene = new Scene()
    const outer = scene.repository('outer')
    const root = scene.repository('outer/inner')
    await scene.store('outer/.git/holdfast/ledger.db')
    const paths = [{ given: 'x.ts', inside: ['x.ts'], outside: [] }]
    const asked = ledgersToAsk(scene.which('outer/inner'), { root, paths, staged: true })
    expect(asked).toMatchObject([{ root: outer, paths: [{ inside: ['inner/x.ts'] }] }])
  })

  it('is asked when a path in it is written from outside, as is the work tree that a path lies in', async () => {
    using scene = new Scene()
    scene.repository('outer')
    scene.repository('outer/inner')
    scene.git('outer', 'worktree', 'add', '-q', '.trees/side')
    await lease(scene, 'outer/inner', 'agent-1', 'src/**')
    await lease(scene, 'outer/.trees/side', 'agent-1', 'docs/**')
    const inner = await check(scene, 'outer', 'agent-2', 'inner/src/deep/x.ts')
    expect(inner).toMatchObject({ exitCode: 3, answer: { paths: [{}, { path: 'src/deep/x.ts', verdict: 'refused' }] } })
    const side = await check(scene, 'outer', 'agent-2', '.trees/side/docs/x.md')
    expect(side).toMatchObject({ exitCode: 3, answer: { paths: [{}, { path: 'docs/x.md', verdict: 'refused' }] } })
  })
})

it('says that two ledgers could be meant, and still answers', async () => {
  using scene = new Scene()
  scene.repository('main')
  await lease(scene, 'main', 'agent-1', 'src/**')
  mkdirSync(scene.path('main/.holdfast'))
  const named = await scene.holdfast('main', ['init', '--store', 'sqlite:.holdfast/ledger.db'])
  expect(named.exitCode).toBe(0)
  const { exitCode, stderr } = await scene.holdfast('main', ['guard', 'check', '--holder', 'b', 'src/x'])
  expect(exitCode).toBe(0)
  expect(stderr).toContain(`sqlite:${scene.path('main/.git/holdfast/ledger.db')} is not`)
})

it('a hook that git runs, with the variables that git sets, finds the ledger that a shell finds', async () => {
  using scene = new Scene()
  scene.repository('main')
  scene.git('main', 'worktree', 'add', '-q', '../linked')
  await lease(scene, 'main', 'agent-1', 'docs/**')
  mkdirSync(scene.path('main/.git/hooks'), { recursive: true })
  const hook = scene.path('main/.git/hooks/pre-commit')
  writeFileSync(
    hook,
    `#!/bin/sh\nenv | grep ^GIT_DIR= >&2\nexec '${process.execPath}' '${COMMAND}' guard check --hook git\n`,
  )
  chmodSync(hook, 0o755)
  scene.write('linked/docs/x.md', 'x')
  scene.git('linked', 'add', '.')
  const { exitCode, stderr } = await scene.run('git', ['commit', '-q', '-m', 'x'], { cwd: 'linked' })
  expect(stderr).toContain(`GIT_DIR=${scene.path('main/.git/worktrees/linked')}`)
  expect(stderr).toContain('docs/x.md is refused: lane agent-1')
  expect(exitCode).toBe(1)
})
