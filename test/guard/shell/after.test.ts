import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Holder } from '@holdfast/core'
import { openLedger, type Ledger } from '@holdfast/engine'
import { GuardAfterAnswer } from 'holdfast/schemas'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trespassesAbout } from '../../../packages/cli/src/trespass/trespass-log.ts'
import { trespassesSince, watchCall, type Trespass } from '../../../packages/cli/src/trespass/watch-call.ts'
import { WorkTree } from '../work-tree.ts'
import { shellEnvironment, ShellRepository } from './shell-repository.ts'
import { TRY_ALL, triesOf, WAYS_IN_PARTS, wordsOf } from './try-ways.ts'

const HERE = { id: 'main', path: '/here' }
const THERE = { id: 'worktrees/there', path: '/there' }

const repository = new ShellRepository()
let sameTree: Ledger
let otherTree: Ledger
beforeAll(async () => {
  sameTree = await openLedger('memory:')
  otherTree = await openLedger('memory:', { workTree: THERE })
  for (const ledger of [sameTree, otherTree]) {
    await ledger.acquire({ lane: 'api', holder: 'a', region: ['src/api/**'], ttl: '1h' })
    await ledger.acquire({ lane: 'mine', holder: 'b', region: ['mine/**'], ttl: '1h' })
  }
})
afterAll(async () => {
  repository[Symbol.dispose]()
  await Promise.all([sameTree.close(), otherTree.close()])
})

/** What is told after a call of `b` in a repository of its own. */
async function after(
  ledger: Ledger,
  run: (root: string) => void,
  { copies = false, given = () => {} }: { readonly copies?: boolean; readonly given?: (root: string) => void } = {},
): Promise<{ readonly root: string; readonly trespasses: readonly Trespass[]; readonly isWhole: boolean }> {
  const root = repository.copy()
  given(root)
  const store = `${root}-store`
  mkdirSync(store)
  const about = { database: join(store, 'ledger.db'), root, holder: 'b', call: 'call-1' }
  writeFileSync(about.database, '')
  const looking = {
    root,
    writer: { holder: Holder.parse('b'), workTree: HERE },
    nowMs: await ledger.now(),
    ownClock: undefined,
  }
  watchCall(ledger.state, about, looking, { copies })
  run(root)
  const told = trespassesSince(ledger.state, about, looking)
  expect(trespassesSince(ledger.state, about, looking)).toBeNull()
  return { root, ...(told ?? { trespasses: [], isWhole: false }) }
}

function bash(command: string): (root: string) => void {
  return root => void spawnSync('bash', ['-c', command], { cwd: root, env: shellEnvironment(), stdio: 'ignore' })
}

describe('what has changed while a command ran', () => {
  it.each(WAYS_IN_PARTS)('is told in every way that is known: part $part', async ({ part, ways }) => {
    const nowMs = await sameTree.now()
    const writer = { holder: Holder.parse('b'), workTree: HERE }
    const tries = triesOf(repository, ways, mkdtempSync(join(repository.folder, `part-${part}-`))).map(each => {
      const { root } = each
      mkdirSync(`${root}-store`)
      const about = { database: join(`${root}-store`, 'ledger.db'), root, holder: 'b', call: 'call-1' }
      writeFileSync(about.database, '')
      const looking = { root, writer, nowMs, ownClock: undefined }
      watchCall(sameTree.state, about, looking, { copies: false })
      return { ...each, about, looking }
    })
    spawnSync('bash', ['-c', TRY_ALL, 'try-all', ...wordsOf(tries)], { env: shellEnvironment(), stdio: 'ignore' })
    for (const { way, about, looking } of tries) {
      const looked = trespassesSince(sameTree.state, about, looking)
      expect.soft(looked, way.name).toMatchObject({ isWhole: true })
      expect.soft(looked?.trespasses.length, way.name).toBeGreaterThan(0)
      for (const { path, claim, putBack } of looked?.trespasses ?? []) {
        expect.soft(path, way.name).toMatch(/^src\/api\//)
        expect.soft(claim, way.name).toMatchObject({ lane: 'api', holder: 'a' })
        expect.soft(putBack, way.name).toBeNull()
      }
    }
  })

  it('is nothing where only the own region, nobody’s, and names alone are touched', async () => {
    const { trespasses } = await after(
      sameTree,
      bash('cat src/api/*; touch mine/q README.md; git status; sed -i s/w/v/ src/web/w.ts'),
    )
    expect(trespasses).toEqual([])
  })

  it.each([
    ['a hard link', 'ln src/api/x.ts mine/twin', 'echo hi >> mine/twin'],
    ['a symbolic link', 'ln -s ../src/api mine/way', 'cd mine/way && sed -i s/x/z/ x.ts'],
    [
      'another repository',
      'mkdir ../beside; git init -q ../beside',
      'here=$PWD; cd ../beside && echo hi > "$here/src/api/x.ts"',
    ],
  ])('is told where it was reached by what was there before: %s', async (_name, given, command) => {
    const { trespasses } = await after(sameTree, bash(command), { given: bash(given) })
    expect(trespasses).toMatchObject([{ path: 'src/api/x.ts', change: 'changed' }])
  })

  it('is told in the region of a lease that was ended by force, whose holder may still believe in it', async () => {
    await using ledger = await openLedger('memory:')
    const taken = await ledger.acquire({ lane: 'api', holder: 'a', region: ['src/api/**'], ttl: '1h' })
    if (taken.outcome !== 'granted') throw new Error(taken.outcome)
    await ledger.scavenge({ lane: 'api', token: taken.lease.token, force: true, reason: 'taken away' })
    expect(ledger.state.leases.size).toBe(0)
    const { trespasses } = await after(ledger, bash('echo hi > src/api/x.ts; rm src/api/y.ts; echo new > mine/n.ts'))
    const claim = { basis: 'draining', holder: 'a' }
    expect(trespasses).toMatchObject([
      { path: 'src/api/x.ts', change: 'changed', claim },
      { path: 'src/api/y.ts', change: 'removed', claim },
    ])
  })

  it('is put back if only this call can have changed it, and what was written is kept', async () => {
    const run = bash('echo stamp > src/api/y.ts; rm src/api/x.ts; echo new > src/api/untracked.ts')
    const { root, trespasses } = await after(otherTree, run, { copies: true })
    const told = Object.fromEntries(trespasses.map(({ path, change, putBack }) => [path, { change, putBack }]))
    expect(readFileSync(join(root, 'src/api/x.ts'), 'utf8')).toBe('x\n')
    // As it was before the call, and not as it was committed.
    expect(readFileSync(join(root, 'src/api/y.ts'), 'utf8')).toBe('changed\n')
    expect(readFileSync(told['src/api/y.ts']?.putBack ?? '', 'utf8')).toBe('stamp\n')
    expect(told['src/api/x.ts']).toMatchObject({ change: 'removed', putBack: expect.any(String) as string })
    // What git does not track has no copy.
    expect(told['src/api/untracked.ts']).toEqual({ change: 'changed', putBack: null })
    expect(readFileSync(join(root, 'src/api/untracked.ts'), 'utf8')).toBe('new\n')
  })

  it('is left as it is where the holder works in the same tree, or nobody knows in which', async () => {
    const { root, trespasses } = await after(sameTree, bash('echo b > src/api/x.ts'), { copies: true })
    expect(trespasses).toMatchObject([{ path: 'src/api/x.ts', putBack: null }])
    expect(readFileSync(join(root, 'src/api/x.ts'), 'utf8')).toBe('b\n')
  })

  it('is not put back through a link', async () => {
    const run = bash(
      'mv src/api away && mkdir elsewhere && cp away/* elsewhere && echo b > elsewhere/x.ts && ln -s ../elsewhere src/api',
    )
    const { root } = await after(otherTree, run, { copies: true })
    expect(readFileSync(join(root, 'elsewhere/x.ts'), 'utf8')).toBe('b\n')
  })
})

describe('guard after', () => {
  it('tells the agent, in its protocol, and leaves a line for the holder', async () => {
    await using tree = new WorkTree()
    tree.write('src/api/x.ts', 'x')
    await tree.lease('api', 'a', 'src/api/**')
    const input = (id: string) =>
      JSON.stringify({
        tool_name: 'Bash',
        tool_use_id: id,
        tool_input: { command: 'python3 rewrite.py' },
        cwd: tree.root,
      })
    const check = ['guard', 'check', '--hook', 'claude-code', '--holder', 'b', '--watch']
    const look = ['guard', 'after', '--hook', 'claude-code', '--holder', 'b']
    expect((await tree.holdfast(check, { input: input('one') })).exitCode).toBe(0)
    expect((await tree.holdfast(check, { input: input('two') })).exitCode).toBe(0)
    tree.write('src/api/x.ts', 'y')
    const told = await tree.holdfast(look, { input: input('one') })
    expect(told).toMatchObject({ exitCode: 2, stdout: '' })
    expect(told.stderr).toContain('src/api/x.ts was changed while this command ran: it lies in lane api of a')
    const { exitCode, answer } = await tree.ask(look, { input: input('two') })
    expect(GuardAfterAnswer.parse(answer)).toEqual(answer)
    expect({ exitCode, answer }).toMatchObject({
      exitCode: 2,
      answer: { watched: true, trespasses: [{ change: 'changed' }] },
    })
    expect(await tree.ask(look, { input: input('two') })).toMatchObject({ exitCode: 0, answer: { watched: false } })
    const database = tree.path('.git/holdfast/ledger.db')
    expect(trespassesAbout(database, 'a', '')).toMatchObject([{ by: 'b', path: 'src/api/x.ts' }, { by: 'b' }])
    expect(trespassesAbout(database, 'b', '')).toHaveLength(2)
    expect(trespassesAbout(database, 'c', '')).toEqual([])
  })
})
