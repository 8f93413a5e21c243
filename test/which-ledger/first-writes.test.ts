import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { AcquireAnswer, FailureAnswer, InitAnswer, StatusAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { Scene } from './scene.ts'
import { COMMAND } from '../setup/command.ts'

const NOBODY = 65_534
const isRoot = process.getuid?.() === 0

const failure = (answer: unknown) => FailureAnswer.parse(answer).error

describe('a first write', () => {
  it('from a subfolder makes the one ledger of the repository and says so; a second work tree is refused the lane', async () => {
    using scene = new Scene()
    const main = scene.repository('main')
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    scene.folder('main/src')
    const place = { store: `sqlite:${main}/.git/holdfast/ledger.db`, why: 'git-directory' }
    const first = await scene.acquire('main/src', 'api', 'agent-1')
    expect(AcquireAnswer.parse(first.answer)).toMatchObject({ outcome: 'granted', made: true, ...place, root: main })
    const second = await scene.acquire('linked', 'api', 'agent-2')
    expect(second.exitCode).toBe(3)
    expect(AcquireAnswer.parse(second.answer)).toMatchObject({
      outcome: 'refused',
      code: 'lane-held',
      ...place,
      root: scene.path('linked'),
    })
    expect(second.answer).not.toHaveProperty('made')
    const status = await scene.holdfast('linked', ['status', '--json'])
    expect(StatusAnswer.parse(status.answer)).toMatchObject({ ...place, root: scene.path('linked') })
  })

  it('of several at once makes one ledger, and one of them is granted', async () => {
    using scene = new Scene()
    scene.repository('main')
    const trees = ['a', 'b', 'c'].map(name => `trees/${name}`)
    for (const tree of trees) scene.git('main', 'worktree', 'add', '-q', `../${tree}`)
    const told = await Promise.all(['main', ...trees].map(tree => scene.acquire(tree, 'api', tree)))
    const outcomes = told.map(({ answer }) => AcquireAnswer.parse(answer))
    expect(outcomes.filter(({ outcome }) => outcome === 'granted')).toHaveLength(1)
    expect(outcomes.filter(({ made }) => made === true)).toHaveLength(1)
    expect(new Set(outcomes.map(({ ledgerId }) => ledgerId)).size).toBe(1)
  })

  it('is told on standard error to people, and survives git stash, git clean and git add', async () => {
    using scene = new Scene()
    const main = scene.repository('main')
    const told = await scene.holdfast('main', ['acquire', 'api', '--holder', 'a'])
    expect(told.stderr).toContain(`made a new ledger sqlite:${main}/.git/holdfast/ledger.db (in the git directory`)
    scene.write('main/x.ts', 'x')
    scene.git('main', 'stash', '-q', '-u')
    scene.git('main', 'clean', '-q', '-fdx')
    scene.git('main', 'add', '-A')
    expect(scene.git('main', 'status', '--porcelain')).toBe('')
    expect(existsSync(scene.path('main/.git/holdfast/ledger.db'))).toBe(true)
  })

  it('outside git makes it in the folder, which ignores itself should it come to be in a repository', async () => {
    using scene = new Scene()
    const told = await scene.acquire('.', 'api', 'a')
    expect(told.answer).toMatchObject({ made: true, why: 'folder', root: scene.root })
    expect(readFileSync(scene.path('.holdfast/.gitignore'), 'utf8')).toBe('*\n')
    scene.git('.', 'init', '-q')
    scene.git('.', 'add', '-A')
    expect(scene.git('.', 'status', '--porcelain')).toBe('')
    expect(scene.which('.')).toMatchObject({ why: 'work-tree', exists: true })
  })

  it('in a git directory that cannot be written names both ways out, and init --in-tree is one of them', async () => {
    using scene = new Scene()
    const main = scene.repository('main')
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    // A file of that name keeps everybody from making the folder, root too.
    scene.write('main/.git/holdfast', '')
    const refused = await scene.acquire('main', 'api', 'a')
    expect(refused.exitCode).toBe(5)
    expect(failure(refused.answer).message).toMatch(/init --in-tree.*HOLDFAST_STORE/)
    const made = await scene.holdfast('linked', ['init', '--in-tree', '--json'])
    expect(InitAnswer.parse(made.answer)).toMatchObject({
      created: true,
      store: `sqlite:${main}/.holdfast/ledger.db`,
      why: 'main-tree',
    })
    expect((await scene.acquire('main', 'api', 'a')).answer).toMatchObject({ why: 'work-tree', outcome: 'granted' })
    expect(scene.git('main', 'status', '--porcelain')).toBe('')
  })

  it.skipIf(!isRoot)('in a repository of somebody else finds its ledger, and makes no other one', async () => {
    using scene = new Scene()
    const main = scene.repository('main')
    chmodSync(scene.root, 0o755)
    const asNobody = { cwd: 'main', uid: NOBODY, env: { HOME: '/' } }
    const command = ['acquire', 'api', '--holder', 'b', '--json']
    const holdfast = COMMAND
    const refused = await scene.run(process.execPath, [holdfast, ...command], asNobody)
    expect(refused.exitCode).toBe(5)
    expect(failure(refused.answer).message).toContain(`${main}/.git/holdfast`)
    expect(readdirSync(main)).toEqual(['.git'])
    mkdirSync(scene.path('main/.git/holdfast'))
    chownSync(scene.path('main/.git/holdfast'), NOBODY, NOBODY)
    const granted = await scene.run(process.execPath, [holdfast, ...command], asNobody)
    expect(granted.answer).toMatchObject({ outcome: 'granted', made: true, why: 'git-directory' })
  })
})

describe('init --in-tree is refused', () => {
  it('beside another ledger, outside git, with a name, and where other work trees would not find it', async () => {
    using scene = new Scene()
    scene.repository('main')
    await scene.store('main/.git/holdfast/ledger.db')
    scene.git('.', 'init', '-q', '--separate-git-dir', scene.path('elsewhere'), 'apart')
    const plain = await scene.holdfast('.', ['init', '--in-tree'])
    const beside = await scene.holdfast('main', ['init', '--in-tree'])
    const named = await scene.holdfast('main', ['init', '--in-tree', '--store', 'sqlite:x.db'])
    const unfindable = await scene.holdfast('apart', ['init', '--in-tree'])
    for (const { exitCode, stderr } of [plain, beside, named, unfindable]) {
      expect({ exitCode, stderr: stderr.slice(0, 8) }).toEqual({ exitCode: 2, stderr: 'in-tree:' })
    }
    expect(beside.stderr).toContain('holdfast move --to')
  })
})

describe('a store that is named and not there is made by nobody but those who say so', () => {
  it.each([
    ['acquire', 'api', '--holder', 'a'],
    ['run', 'api', '--holder', 'a', '--', 'true'],
    ['spawn', 'api', '--holder', 'a'],
    ['halt', 'h', '--lane', 'api'],
    ['heartbeat', 'api', '--holder', 'a', '--token', '1'],
    ['leases'],
  ])('%s', async (...args) => {
    using scene = new Scene()
    const { exitCode, answer } = await scene.holdfast('.', ['--store', 'sqlite:nope/x.db', '--json', ...args])
    expect(exitCode).toBe(args[0] === 'run' ? 125 : 5)
    expect(failure(answer).code).toBe('no-ledger')
    expect(readdirSync(scene.root)).toEqual([])
  })

  it('the nearest that do exist are named, as for a relative name from a subfolder and for a mistyped one', async () => {
    using scene = new Scene()
    scene.repository('main')
    scene.folder('main/src')
    const there = await scene.store('main/.holdfast/team.db')
    const env = { HOLDFAST_STORE: 'sqlite:.holdfast/team.db' }
    const below = await scene.holdfast('main/src', ['acquire', 'api', '--holder', 'a', '--json'], env)
    expect(failure(below.answer)).toMatchObject({ code: 'no-ledger' })
    expect(failure(below.answer).message).toMatch(new RegExp(`HOLDFAST_STORE names.*sqlite:${there}`))
    const mistyped = { HOLDFAST_STORE: `sqlite:${scene.path('main/.holdfast/taem.db')}` }
    const typed = await scene.holdfast('main', ['acquire', 'api', '--holder', 'a', '--json'], mistyped)
    expect(failure(typed.answer).message).toContain(`sqlite:${there}`)
    expect(existsSync(scene.path('main/src/.holdfast'))).toBe(false)
  })

  it('--create makes it, and a ledger of another name in it; without it a mistyped --ledger is refused', async () => {
    using scene = new Scene()
    const made = await scene.acquire('.', 'api', 'a', '--create', '--store', 'sqlite:x.db')
    expect(made.answer).toMatchObject({ outcome: 'granted', made: true, why: 'option' })
    const mistyped = await scene.acquire('.', 'api', 'a', '--store', 'sqlite:x.db', '--ledger', 'stagin')
    expect(failure(mistyped.answer).code).toBe('no-ledger')
    const named = await scene.acquire('.', 'api', 'a', '--store', 'sqlite:x.db', '--ledger', 'staging', '--create')
    expect(named.answer).toMatchObject({ outcome: 'granted', made: true })
  })
})

it('a container that mounts only the work tree is told, and nothing is made', async () => {
  using scene = new Scene()
  scene.write('mounted/.git', 'gitdir: /home/me/project/.git/worktrees/mounted\n')
  const { exitCode, answer } = await scene.acquire('mounted', 'api', 'a')
  expect(exitCode).toBe(5)
  expect(failure(answer).message).toMatch(/mounted\/\.git points to .*mount the directory.*HOLDFAST_STORE/)
  expect(readdirSync(scene.path('mounted'))).toEqual(['.git'])
  const hook = await scene.holdfast('mounted', ['guard', 'check', '--hook', 'git'])
  expect(hook.exitCode).toBe(1)
})
