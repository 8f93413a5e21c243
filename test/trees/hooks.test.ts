import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { installedGuards } from '@holdfast/engine/write-guard'
import { DoctorAnswer } from 'holdfast/schemas'
import { expect, it } from 'vitest'
import { Scene } from '../which-ledger/scene.ts'

const UPDATE = ['-c', 'protocol.file.allow=always', 'submodule', 'update', '-q', '--init'] as const

const faults = async (scene: Scene, folder: string) =>
  (await installedGuards(scene.path(folder)))
    .filter(({ fault }) => fault !== null)
    .map(({ file, tree }) => [file, tree])

async function install(scene: Scene, folder: string, ...more: readonly string[]): Promise<string> {
  const told = await scene.holdfast(folder, ['guard', 'install', ...more])
  expect(told.exitCode, told.stderr).toBe(0)
  return told.stdout
}

it('a hook that is gone, that a new tree’s submodule never got, or that asks another ledger is missed, until it is entered anew', async () => {
  using scene = new Scene()
  scene.repository('lib')
  const main = scene.repository('main')
  scene.submodule('main', 'lib', 'libs/lib')
  await scene.store('main/.git/holdfast/ledger.db')
  expect(await faults(scene, 'main')).toEqual([])
  await install(scene, 'main', '--git')
  const hooks = [scene.path('main/.git/hooks/pre-commit'), scene.path('main/.git/modules/libs/lib/hooks/pre-commit')]
  expect(await faults(scene, 'main')).toEqual([])

  // A submodule has a git directory for each work tree, and hooks in it.
  scene.git('main', 'worktree', 'add', '-q', '../linked')
  expect(await faults(scene, 'main')).toEqual([])
  scene.git('linked', ...UPDATE)
  const third = scene.path('main/.git/worktrees/linked/modules/libs/lib/hooks/pre-commit')
  expect(await faults(scene, 'main')).toEqual([[third, main]])
  expect(await faults(scene, 'linked')).toEqual([[third, scene.path('linked')]])
  expect(await install(scene, 'main', '--git')).toContain(
    `in the submodule libs/lib of the work tree ${scene.path('linked')}`,
  )
  expect(readFileSync(third, 'utf8')).toContain('guard check --hook git')
  expect(await faults(scene, 'linked')).toEqual([])

  // Each one that goes is missed, all of them too, from every tree.
  for (const file of [...hooks, third]) {
    const text = readFileSync(file)
    rmSync(file)
    expect(await faults(scene, 'main')).toEqual([[file, main]])
    writeFileSync(file, text)
    chmodSync(file, 0o755)
  }
  for (const file of [...hooks, third]) rmSync(file)
  expect(new Set((await faults(scene, 'linked')).map(([file]) => file))).toEqual(new Set([...hooks, third]))

  await install(scene, 'main', '--git', '--store', `sqlite:${scene.path('main/.git/holdfast/ledger.db')}`)
  expect(await faults(scene, 'main')).toEqual([])
  const stale = readFileSync(third, 'utf8').replace(/ --store \S+/, '')
  writeFileSync(third, stale)
  expect((await installedGuards(main)).flatMap(({ fault }) => fault ?? [])).toEqual([
    expect.stringContaining('another --store'),
  ])

  await install(scene, 'main', '--git', '--remove')
  expect(await faults(scene, 'main')).toEqual([])
  expect(existsSync(scene.path('main/.git/holdfast-guards.json'))).toBe(false)
})

it('doctor names an agent’s hook that is gone, and what it advises enters it again as it was', async () => {
  using scene = new Scene()
  scene.repository('main')
  scene.git('main', 'worktree', 'add', '-q', '../linked')
  const acquired = await scene.acquire('main', 'x', 'A')
  expect(acquired.exitCode).toBe(0)
  await install(scene, 'main', '--agent', 'claude-code', '--command', 'sh -c true')
  const doctor = async (folder: string) => {
    const { answer } = await scene.holdfast(folder, ['doctor', '--json'])
    return DoctorAnswer.parse(answer).inTheWay.filter(({ check }) => check === 'hooks')
  }
  // Settings that nobody has committed are not in the other tree, and an agent there is not checked.
  const [missed, ...others] = await doctor('linked')
  expect(others).toEqual([])
  expect(missed).toMatchObject({
    subject: scene.path('linked/.claude/settings.json'),
    next: [{ command: "holdfast guard install --agent claude-code --command 'sh -c true'" }],
  })
  expect(await faults(scene, 'main')).toEqual([])
  await install(scene, 'linked', '--agent', 'claude-code', '--command', 'sh -c true')
  expect(await faults(scene, 'linked')).toEqual([])
  rmSync(scene.path('main/.claude'), { recursive: true })
  expect((await faults(scene, 'main')).map(([file]) => file)).toEqual([scene.path('main/.claude/settings.json')])
})

it('a hook that was entered before anything was recorded tells that its submodules lack it', async () => {
  using scene = new Scene()
  scene.repository('lib')
  scene.repository('main')
  scene.submodule('main', 'lib', 'libs/lib')
  await install(scene, 'main', '--git')
  rmSync(scene.path('main/.git/holdfast-guards.json'))
  rmSync(scene.path('main/.git/modules/libs/lib/hooks/pre-commit'))
  expect((await faults(scene, 'main')).map(([file]) => file)).toEqual([
    scene.path('main/.git/modules/libs/lib/hooks/pre-commit'),
  ])
})

it('a record that cannot be read hides nothing', async () => {
  using scene = new Scene()
  scene.repository('main')
  await install(scene, 'main', '--git')
  writeFileSync(scene.path('main/.git/holdfast-guards.json'), '{')
  rmSync(scene.path('main/.git/hooks/pre-commit'))
  expect(await faults(scene, 'main')).toHaveLength(1)
})
