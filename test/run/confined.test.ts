import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { planConfinement } from '@holdfast/engine/lean'
import { describe, expect, it } from 'vitest'
import { COMMAND } from '../setup/command.ts'
import { shellEnvironment, ShellRepository } from '../guard/shell/shell-repository.ts'
import { TRY_ALL, triesOf, WAYS_IN_PARTS, wordsOf } from '../guard/shell/try-ways.ts'
import { WorkTree } from '../guard/work-tree.ts'
import { CAN_CONFINE } from './harness/can-confine.ts'

/** A number that no other process sleeps for. */
const SLEEP = `300.${process.pid}`

describe.runIf(CAN_CONFINE)('a confined command', () => {
  it.each(WAYS_IN_PARTS)(
    'changes nothing of somebody else’s in any way that is known: part $part',
    async ({ ways }) => {
      using repository = new ShellRepository()
      await using tree = new WorkTree()
      const tries = triesOf(repository, ways, tree.root)
      const before = tries.map(({ root }) => filesOf(join(root, 'src')))
      // Its own it may write: only so a way goes as far as it can.
      const own = tries.flatMap(({ root }) => [join(root, 'mine'), join(root, '.git')]).filter(existsSync)
      const args = ['run', 'mine', '--holder', 'b', '--confine', ...own.flatMap(place => ['--writable', place])]
      const command = ['bash', '-c', TRY_ALL, 'try-all', ...wordsOf(tries)]
      const options = { env: { GIT_CONFIG_SYSTEM: '/dev/null' } }
      expect(await tree.holdfast([...args, '--', ...command], options)).toMatchObject({ exitCode: 0 })
      for (const [place, { way, root }] of tries.entries())
        expect.soft(filesOf(join(root, 'src')), way.name).toEqual(before[place])
      const untouched = JSON.stringify(filesOf(join(repository.root, 'mine')))
      expect(tries.some(({ root }) => JSON.stringify(filesOf(join(root, 'mine'))) !== untouched)).toBe(true)
    },
  )

  it('writes what is leased, also what is not there yet, and temporary files, and nothing else', async () => {
    await using tree = new WorkTree()
    tree.write('src/api/x.ts', 'x')
    const script = 'echo a > src/new/a; touch "$(mktemp)"; echo b > src/api/x.ts; echo c > c; exit 7'
    const args = ['run', 'new', '--holder', 'b', '--region', 'src/new/**', '--confine', '--', 'sh', '-c', script]
    expect((await tree.holdfast(args)).exitCode).not.toBe(0)
    expect(readFileSync(tree.path('src/new/a'), 'utf8')).toBe('a\n')
    expect(readFileSync(tree.path('src/api/x.ts'), 'utf8')).toBe('x')
    expect(readdirSync(tree.root)).not.toContain('c')
  })

  it('ends by itself when it is asked to, and nothing of what it has started is left', async () => {
    await using tree = new WorkTree()
    const script = `trap 'echo bye > mine/bye; exit 3' TERM
      (setsid sleep ${SLEEP} < /dev/null > /dev/null 2>&1 &)
      ${process.execPath} ${COMMAND} leases > /dev/null && echo ready > mine/ready
      while :; do sleep 0.05; done`
    const confined = ['run', 'mine', '--holder', 'b', '--region', 'mine/**', '--confine', '--json']
    const running = tree.holdfast([...confined, '--', 'bash', '-c', script])
    await expect.poll(() => filesIn(tree.path('mine')), { timeout: 20_000 }).toContain('ready')
    expect(sleeping()).toBe(1)
    expect((await tree.holdfast(['halt', 'enough', '--lane', 'mine'])).exitCode).toBe(0)
    expect((await running).exitCode).toBe(3)
    expect(readFileSync(tree.path('mine/bye'), 'utf8')).toBe('bye\n')
    expect(sleeping()).toBe(0)
  })

  it('does not reach the ledger, whatever is leased around it', async () => {
    await using tree = new WorkTree()
    const script = 'echo x > mine; echo y > .git/holdfast/ledger.db'
    const args = ['run', 'all', '--holder', 'b', '--region', '**', '--confine', '--', 'sh', '-c', script]
    const { stderr } = await tree.holdfast(args)
    expect(readFileSync(tree.path('mine'), 'utf8')).toBe('x\n')
    expect(stderr).toContain('ledger.db')
    expect((await tree.holdfast(['verify'])).exitCode).toBe(0)
  })
})

describe('confining a command', () => {
  it('is refused with 125 where the program for it is not there, before anything is leased', async () => {
    await using tree = new WorkTree()
    const args = ['run', 'mine', '--holder', 'b', '--region', 'mine/**', '--confine', '--', process.execPath, '-e', '0']
    const { exitCode, stderr } = await tree.holdfast(args, { env: { PATH: tree.root } })
    expect(exitCode).toBe(125)
    expect(stderr).toContain('bubblewrap')
    expect((await tree.holdfast(['leases'])).exitCode).toBe(5)
  })

  it('needs --confine for --writable', async () => {
    await using tree = new WorkTree()
    const args = ['run', 'mine', '--holder', 'b', '--writable', '.', '--', 'true']
    expect(await tree.holdfast(args)).toMatchObject({ exitCode: 2, stdout: '' })
  })

  it.runIf(CAN_CONFINE)('takes whole folders and files that are there, and says why it takes nothing else', () => {
    using repository = new ShellRepository()
    const { root } = repository
    symlinkSync('/var', join(root, 'out'))
    symlinkSync('src/web', join(root, 'web'))
    writeFileSync(join(root, '[id].ts'), '')
    const plan = (region: readonly string[], writable: readonly string[] = []) =>
      planConfinement({
        root,
        region,
        writable,
        storeUrl: `sqlite:${root}/.git/holdfast/ledger.db`,
        env: shellEnvironment(),
      })
    const bound = (words: readonly string[]) =>
      words
        .filter((word, place) => words[place - 1]?.startsWith('--bind') === true && word.startsWith(`${root}/`))
        .map(word => word.slice(root.length + 1))
    expect(bound(plan(['src/api/**', 'mine/m.ts', '[[]id].ts/**', 'new/**']).words)).toEqual([
      'src/api',
      'mine/m.ts',
      '[id].ts',
      'new',
    ])
    expect(plan(['new/**']).makes).toEqual([join(root, 'new')])
    expect(bound(plan(['web/**', 'src/web/**']).words)).toEqual(['src/web'])
    expect(bound(plan([], [join(root, 'mine')]).words)).toEqual(['mine'])
    expect(() => plan(['**/*.ts'])).toThrow('by a pattern')
    expect(() => plan(['src/{api,web}/**'])).toThrow('by a pattern')
    expect(() => plan(['src/none.ts'])).toThrow('is not there yet')
    expect(() => plan(['out/**'])).toThrow('symbolic link')
    expect(() => plan(['out/new/**'])).toThrow('symbolic link')
    expect(() => plan([], [root])).toThrow('holds the root')
    expect(() => plan([], [join(root, 'nowhere')])).toThrow('is not there')
  })
})

/** Every file with what is in it. */
function filesOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  const files = names.map(entry => join(entry.parentPath, entry.name))
  return Object.fromEntries(files.map(file => [file, `${statSync(file).mode} ${readFileSync(file, 'utf8')}`]))
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** How many processes sleep for our number. */
function sleeping(): number {
  return readdirSync('/proc').filter(name => {
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8') === `sleep\0${SLEEP}\0`
    } catch {
      return false
    }
  }).length
}
