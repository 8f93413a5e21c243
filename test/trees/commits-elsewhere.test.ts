import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Configuration } from '@holdfast/core'
import { openLeanLedger } from '@holdfast/engine/lean'
import { describe, expect, it } from 'vitest'
import { Scene } from '../which-ledger/scene.ts'
import { COMMAND } from '../setup/command.ts'

/** A lease, taken in this very process. */
async function lease(scene: Scene, folder: string, holder: string, region: string, workTrees?: 'apart'): Promise<void> {
  const config = Configuration.parse(workTrees === undefined ? {} : { workTrees })
  await using ledger = await openLeanLedger(undefined, { folder: scene.path(folder), config })
  const outcome = await ledger.acquire({ lane: holder, holder, region: [region], ttl: '1h' })
  expect(outcome.outcome).toBe('granted')
}

/** The guard as git's hook, in a git directory. */
function hook(scene: Scene, gitDir: string): void {
  mkdirSync(scene.path(gitDir, 'hooks'), { recursive: true })
  const file = scene.path(gitDir, 'hooks', 'pre-commit')
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' guard check --hook git\n`)
  chmodSync(file, 0o755)
}

/** Stages what lies in `tree` and commits it to `gitDir`, called in `cwd`. */
async function commit(
  scene: Scene,
  { gitDir, tree, cwd, file = 'x' }: Record<'gitDir' | 'tree' | 'cwd', string> & { file?: string },
  holder: string,
) {
  const where = [`--git-dir=${scene.path(gitDir)}`, `--work-tree=${scene.path(tree)}`]
  scene.write(join(tree, file), `${holder} ${Math.random()}`)
  scene.git(cwd, ...where, 'add', '-f', scene.path(tree, file))
  const { exitCode, stderr } = await scene.run('git', [...where, 'commit', '-q', '-m', 'x'], {
    cwd,
    env: { HOLDFAST_HOLDER: holder },
  })
  return { exitCode, stderr }
}

describe('a commit with another work tree than the one that its git directory is at home in', () => {
  it.each([
    ['in another repository', (scene: Scene) => void scene.repository('other')],
    ['in no repository', (scene: Scene) => void scene.folder('other')],
  ])('is judged by the leases of the repository in which it lands: %s', async (_where, make) => {
    using scene = new Scene()
    scene.repository('home')
    make(scene)
    hook(scene, 'home/.git')
    await lease(scene, 'home', 'A', 'x')
    if (scene.which('other').exists === false) await lease(scene, 'other', 'C', 'docs/**')
    const place = { gitDir: 'home/.git', tree: 'other', cwd: 'other' }
    const refused = await commit(scene, place, 'B')
    expect(refused.stderr).toContain('x is refused: lane A')
    expect(refused.exitCode).toBe(1)
    expect(await commit(scene, place, 'A')).toEqual({ exitCode: 0, stderr: expect.any(String) as string })
  })

  it('is judged by the path that it has at home, where the work tree is a folder of the very repository', async () => {
    using scene = new Scene()
    scene.repository('home')
    scene.folder('home/sub')
    hook(scene, 'home/.git')
    await lease(scene, 'home', 'A', 'x')
    const refused = await commit(scene, { gitDir: 'home/.git', tree: 'home/sub', cwd: 'home' }, 'B')
    expect(refused.stderr).toContain('x is refused: lane A')
    expect(refused.exitCode).toBe(1)
  })

  it('is judged as the superproject judges it, where the git directory is a submodule’s', async () => {
    using scene = new Scene()
    scene.repository('lib')
    scene.repository('top')
    scene.submodule('top', 'lib', 'libs/lib')
    scene.repository('other')
    hook(scene, 'top/.git/modules/libs/lib')
    await lease(scene, 'top', 'A', 'libs/**')
    await lease(scene, 'other', 'C', 'docs/**')
    const refused = await commit(scene, { gitDir: 'top/.git/modules/libs/lib', tree: 'other', cwd: 'other' }, 'B')
    expect(refused.stderr).toContain('libs/lib/x is refused: lane A')
    expect(refused.exitCode).toBe(1)
  })

  it('is judged by a bare repository’s leases', async () => {
    using scene = new Scene()
    scene.git('.', 'init', '-q', '--bare', 'bare')
    scene.repository('other')
    hook(scene, 'bare')
    await lease(scene, 'bare', 'A', 'x')
    await lease(scene, 'other', 'C', 'docs/**')
    const refused = await commit(scene, { gitDir: 'bare', tree: 'other', cwd: 'other' }, 'B')
    expect(refused.stderr).toContain('x is refused: lane A')
    expect(refused.exitCode).toBe(1)
  })

  it('is judged in the tree whose branch it changes, where trees are apart', async () => {
    using scene = new Scene()
    scene.repository('main')
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    hook(scene, 'main/.git')
    await lease(scene, 'linked', 'A', 'x', 'apart')
    // In the main tree B holds the very path; what is committed is the branch of the other tree.
    await lease(scene, 'main', 'B', 'x')
    const refused = await commit(scene, { gitDir: 'main/.git/worktrees/linked', tree: 'main', cwd: 'main' }, 'B')
    expect(refused.stderr).toContain('x is refused: lane A')
    expect(refused.exitCode).toBe(1)
    const other = await commit(scene, { gitDir: 'main/.git', tree: 'linked', cwd: 'linked' }, 'A')
    expect(other.stderr).toContain('x is refused: lane B')
  })

  it('is judged by a ledger that is named as the paths are at home', async () => {
    using scene = new Scene()
    scene.repository('home')
    scene.repository('other')
    const store = `sqlite:${scene.path('l.db')}`
    await (await openLeanLedger(store)).close()
    const env = { HOLDFAST_STORE: store }
    const granted = await scene.holdfast(
      'home',
      ['acquire', 'a', '--holder', 'A', '--region', 'x', '--ledger', 'default'],
      env,
    )
    expect(granted.exitCode).toBe(0)
    hook(scene, 'home/.git')
    const text = readFileSync(scene.path('home/.git/hooks/pre-commit'), 'utf8')
    writeFileSync(scene.path('home/.git/hooks/pre-commit'), `${text.trimEnd()} --store '${store}'\n`)
    const place = { gitDir: 'home/.git', tree: 'other/sub', cwd: 'other' }
    expect((await commit(scene, place, 'B')).stderr).toContain('x is refused: lane a')
    expect((await commit(scene, place, 'A')).exitCode).toBe(0)
  })

  it('is refused where its home is there no more, for nobody knows whose leases count', async () => {
    using scene = new Scene()
    scene.repository('main')
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    scene.repository('other')
    await lease(scene, 'other', 'C', 'docs/**')
    hook(scene, 'main/.git')
    rmSync(scene.path('linked'), { recursive: true })
    const refused = await commit(scene, { gitDir: 'main/.git/worktrees/linked', tree: 'other', cwd: 'other' }, 'B')
    expect(refused).toEqual({ exitCode: 1, stderr: expect.stringContaining('linked') as string })
  })
})

it('a root that is named does not make git’s hook look at what another repository has staged', async () => {
  using scene = new Scene()
  scene.repository('home')
  scene.repository('root')
  await lease(scene, 'home', 'A', 'x')
  hook(scene, 'home/.git')
  const file = scene.path('home/.git/hooks/pre-commit')
  writeFileSync(file, `${readFileSync(file, 'utf8').trimEnd()} --root '${scene.path('root')}'\n`)
  scene.write('home/x', 'x')
  scene.git('home', 'add', 'x')
  const told = await scene.run('git', ['commit', '-q', '-m', 'x'], { cwd: 'home', env: { HOLDFAST_HOLDER: 'B' } })
  expect(told.stderr).toContain('x is refused: lane A')
  expect(told.exitCode).toBe(1)
})

it('a ledger that is named is asked under the roots of other trees by its own name too', async () => {
  using scene = new Scene()
  scene.repository('main')
  scene.git('main', 'worktree', 'add', '-q', '.trees/side')
  {
    await using ledger = await openLeanLedger(undefined, {
      folder: scene.path('main/.trees/side'),
      ledger: 'second',
      create: true,
    })
    expect(await ledger.acquire({ lane: 'a', holder: 'A', region: ['docs/**'], ttl: '1h' })).toMatchObject({
      outcome: 'granted',
    })
  }
  const args = ['guard', 'check', '--holder', 'B', '--ledger', 'second', '.trees/side/docs/x.md']
  expect(await scene.holdfast('main', args)).toMatchObject({ exitCode: 3 })
})
