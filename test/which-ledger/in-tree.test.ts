import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { openLeanLedger } from '@holdfast/engine/lean'
import { FailureAnswer, InitAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { Scene } from './scene.ts'
import { COMMAND } from '../setup/command.ts'

async function inTree(scene: Scene): Promise<string> {
  scene.repository('main')
  expect((await scene.holdfast('main', ['init', '--in-tree'])).exitCode).toBe(0)
  return scene.path('main/.holdfast/ledger.db')
}

describe('a ledger that moved to another store', () => {
  it('is missed when what it left is tidied away, until it is given up or comes back', async () => {
    using scene = new Scene()
    scene.repository('main')
    const taken = ['acquire', 'api', '--holder', 'a', '--region', 'src/**']
    expect((await scene.holdfast('main', taken)).exitCode).toBe(0)
    const url = `sqlite:${scene.path('elsewhere.db')}`
    expect((await scene.holdfast('main', ['move', '--to', url])).exitCode).toBe(0)
    // As long as it is there, what it left says so itself, and hands out its history.
    const left = await scene.holdfast('main', ['leases', '--json'])
    expect(left.exitCode).toBe(6)
    expect(FailureAnswer.parse(left.answer).error.message).not.toContain('is gone')
    const log = await scene.holdfast('main', ['log'])
    expect(log.exitCode).toBe(6)
    expect(log.stdout).toContain('ACQUIRE')
    rmSync(scene.path('main/.git/holdfast'), { recursive: true })
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    for (const folder of ['main', 'linked']) {
      const again = await scene.holdfast(folder, ['acquire', 'x', '--holder', 'b', '--region', 'src/**', '--json'])
      const { error } = FailureAnswer.parse(again.answer)
      expect(again.exitCode).toBe(6)
      expect(error).toMatchObject({ code: 'moved' })
      expect(error.message).toContain(`continues at ${url}`)
    }
    expect(existsSync(scene.path('main/.git/holdfast'))).toBe(false)
    expect(scene.which('main', { HOLDFAST_STORE: url })).toMatchObject({ exists: true })

    const back = `sqlite:${scene.path('main/.git/holdfast/ledger.db')}`
    expect((await scene.holdfast('main', ['move', '--store', url, '--to', back])).exitCode).toBe(0)
    expect(existsSync(scene.path('main/.git/holdfast-in-tree'))).toBe(false)
    expect(scene.which('main')).toMatchObject({ exists: true, why: 'git-directory' })
  })
})

describe('a ledger in the main work tree that was removed', () => {
  it('is an error from every work tree that names both ways out, and nothing is made in its place', async () => {
    using scene = new Scene()
    const path = await inTree(scene)
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    scene.git('main', 'clean', '-qfdx')
    for (const folder of ['main', 'linked']) {
      expect(() => scene.which(folder)).toThrow(
        /is gone.*holdfast restore BACKUP --store sqlite:.*holdfast init --anew/,
      )
      await expect(openLeanLedger(undefined, { folder: scene.path(folder) })).rejects.toMatchObject({
        code: 'unavailable',
      })
    }
    const again = await scene.holdfast('linked', ['init', '--in-tree', '--json'])
    expect(FailureAnswer.parse(again.answer).error).toMatchObject({ code: 'unavailable' })
    expect([existsSync(path), existsSync(scene.path('main/.git/holdfast'))]).toEqual([false, false])
    // A name is a way out as well, and the one that restore takes.
    expect(scene.which('main', { HOLDFAST_STORE: `sqlite:${path}` })).toMatchObject({ exists: false })
  })

  it('is given up by init --anew, in the git directory or in the tree again', async () => {
    using scene = new Scene()
    await inTree(scene)
    rmSync(scene.path('main/.holdfast'), { recursive: true })
    const tree = await scene.holdfast('main', ['init', '--anew', '--in-tree', '--json'])
    expect(InitAnswer.parse(tree.answer)).toMatchObject({ created: true, why: 'work-tree' })
    rmSync(scene.path('main/.holdfast'), { recursive: true })
    expect(() => scene.which('main')).toThrow('is gone')
    const anew = await scene.holdfast('main', ['init', '--anew', '--json'])
    expect(InitAnswer.parse(anew.answer)).toMatchObject({ created: true, why: 'git-directory' })
    expect((await scene.holdfast('main', ['init', '--anew'])).exitCode).toBe(2)
  })

  it.skipIf(process.getuid?.() !== 0)(
    'goes unnoticed only where the git directory could not be written, which is said',
    async () => {
      using scene = new Scene()
      scene.repository('main')
      chmodSync(scene.root, 0o755)
      chmodSync(scene.path('main'), 0o777)
      const asNobody = { cwd: 'main', uid: 65_534, env: { HOME: '/' } }
      const { answer } = await scene.run(process.execPath, [COMMAND, 'init', '--in-tree', '--json'], asNobody)
      expect(InitAnswer.parse(answer).notes).toEqual([expect.stringContaining('nobody will be told')])
    },
  )

  it('is not looked for where a mark is damaged: an error names it', async () => {
    using scene = new Scene()
    scene.repository('main')
    writeFileSync(scene.path('main/.git/holdfast-in-tree'), 'x')
    expect(() => scene.which('main')).toThrow(/holdfast-in-tree does not say/)
  })
})

it('the move that init --in-tree advises leaves one ledger for doctor and the guard, and moving it on changes the mark', async () => {
  using scene = new Scene()
  scene.repository('main')
  await scene.acquire('main', 'api', 'a', '--region', 'src/**')
  const to = `sqlite:${scene.path('main/.holdfast/ledger.db')}`
  expect((await scene.holdfast('main', ['move', '--to', to])).exitCode).toBe(0)
  const mark = scene.path('main/.git/holdfast-in-tree')
  expect(JSON.parse(readFileSync(mark, 'utf8'))).toMatchObject({ path: '../.holdfast/ledger.db' })
  const doctor = await scene.holdfast('main', ['doctor', '--json'])
  expect(doctor).toMatchObject({ exitCode: 0, answer: { inTheWay: [] } })
  const guard = await scene.holdfast('main', ['guard', 'check', '--holder', 'a', 'src/x', '--json'])
  expect(guard).toMatchObject({ exitCode: 0, answer: { permitted: true } })
  expect(guard.answer).not.toHaveProperty('remarks')
  expect((await scene.holdfast('main', ['move', '--to', `sqlite:${scene.path('o.db')}`])).exitCode).toBe(0)
  expect(JSON.parse(readFileSync(mark, 'utf8'))).toMatchObject({ movedTo: `sqlite:${scene.path('o.db')}` })
})

it('a store that is named and made in a work tree is kept out of commits, or said to be in their way', async () => {
  using scene = new Scene()
  scene.repository('main')
  const own = await scene.acquire('main', 'api', 'a', '--create', '--store', 'sqlite:made/team.db')
  expect(own.answer).not.toHaveProperty('warnings')
  const bare = await scene.acquire('main', 'api', 'a', '--create', '--store', 'sqlite:team.db')
  expect(bare.answer).toMatchObject({ warnings: [expect.stringContaining("'team.db*' to the .gitignore")] })
  scene.git('main', 'add', '-A')
  const staged = scene.git('main', 'diff', '--cached', '--name-only').trim().split('\n')
  expect(staged.filter(name => !name.startsWith('team.db'))).toEqual([])
  expect(staged).toContain('team.db')
  expect(statSync(scene.path('main/made/.gitignore')).mode & 0o777).toBe(0o600)
})

it('a store that is made nearer than the shared ledger says that the two exclude nobody from each other', async () => {
  using scene = new Scene()
  scene.repository('main')
  expect((await scene.holdfast('main', ['acquire', 'api', '--holder', 'a'])).exitCode).toBe(0)
  scene.git('main', 'worktree', 'add', '-q', '../linked')
  const nearer = await scene.holdfast('linked', ['init', '--store', 'sqlite:.holdfast/ledger.db', '--json'])
  const { notes } = InitAnswer.parse(nearer.answer)
  expect(notes.join('\n')).toContain(`used sqlite:${scene.path('main/.git/holdfast/ledger.db')} until now`)
  const apart = await scene.holdfast('linked', ['init', '--store', `sqlite:${scene.path('other.db')}`, '--json'])
  expect(InitAnswer.parse(apart.answer).notes.join('\n')).not.toContain('until now')
})
