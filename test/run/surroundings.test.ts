import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LedgerFolder } from './harness/ledger-folder.ts'
import { until } from './harness/processes.ts'
import { COMMAND } from '../setup/command.ts'

// `holdfast run` where people put it: behind other programs, which have ideas of their own about codes, signals, streams
// and the environment.

let at: LedgerFolder
beforeEach(async () => {
  at = await LedgerFolder.make({ ttlDefaultMs: 20_000, graceMs: 1000 })
  mkdirSync(at.path('bin'))
  symlinkSync(COMMAND, at.path('bin', 'holdfast'))
  chmodSync(COMMAND, 0o755)
})
afterEach(async () => {
  await at[Symbol.asyncDispose]()
})

interface Told {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Starts a program that finds `holdfast` along its path; its group is its own, as a shell's job would be. */
function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): [ChildProcess, Promise<Told>] {
  const path = [at.path('bin'), dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
  const own = Object.entries(process.env).filter(([name]) => !/^(HOLDFAST|GIT|npm)_|^MAKE|^MFLAGS/i.test(name))
  const child = spawn(command, args, {
    cwd: at.folder,
    env: { ...Object.fromEntries(own), PATH: path, HOLDFAST_STORE: at.url, GIT_CONFIG_GLOBAL: '/dev/null', ...env },
    detached: true,
  })
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  const ended = new Promise<Told>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code =>
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
    )
  })
  return [child, ended]
}

async function told(command: string, args: readonly string[], input: string | Buffer = ''): Promise<Told> {
  const [child, ended] = start(command, args)
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  return ended
}

/** A child that counts the signals that it gets, and ends with 42 once somebody says `go`. */
const COUNTS = `trap 'echo once >> got' INT; echo ready > ready; while [ ! -e go ]; do sleep 0.05; done; exit 42`

/** Interrupts a whole group, as Ctrl-C does, and answers with how often the child heard of it. */
async function interrupted([child, ended]: [ChildProcess, Promise<Told>]): Promise<Told & { heard: string }> {
  await until(() => existsSync(at.path('ready')))
  process.kill(-(child.pid ?? 0), 'SIGINT')
  await until(() => existsSync(at.path('got')))
  writeFileSync(at.path('go'), '')
  const ending = await ended
  return { ...ending, heard: readFileSync(at.path('got'), 'utf8') }
}

describe('the streams', () => {
  it('are the child’s alone, byte for byte: nothing is added, nothing lost, nothing changed', async () => {
    const input = randomBytes(1_000_000)
    const words = 'cat; printf "to stderr, without an end of line" >&2'
    const { code, stdout, stderr } = await told(
      'holdfast',
      ['run', 'x', '--holder', 'H', '--', 'sh', '-c', words],
      input,
    )
    expect(code).toBe(0)
    expect(createHash('sha256').update(stdout).digest('hex')).toBe(createHash('sha256').update(input).digest('hex'))
    expect(stderr).toBe('to stderr, without an end of line')
  })

  it('may be closed', async () => {
    const words = 'holdfast run x --holder H -- sh -c "exit 3" <&- >&- 2>&-'
    expect((await told('sh', ['-c', words])).code).toBe(3)
  })

  it('a reader that goes away ends the child as it would without us', async () => {
    const words = 'holdfast run x --holder H -- yes | head -n 1; holdfast leases --json'
    const { stdout } = await told('sh', ['-c', words])
    expect(stdout.toString()).toMatch(/^y\n.*"leases":\[\]/)
  })
})

describe('an npm script', () => {
  const script = (words: string): void => {
    const scripts = { work: `holdfast run x --holder H -- sh -c ${JSON.stringify(words)}` }
    writeFileSync(at.path('package.json'), JSON.stringify({ name: 'sample', version: '1.2.3', scripts }))
  }
  const npm = ['run', '--silent', 'work'] as const

  it('passes on code, streams and what npm puts into the environment', async () => {
    script('cat; echo $npm_package_version $npm_lifecycle_event; exit 7')
    const { code, stdout } = await told('npm', npm, 'typed\n')
    expect(code).toBe(7)
    expect(stdout.toString()).toBe('typed\n1.2.3 work\n')
  })

  it('is interrupted once, and waits for what the child makes of it', async () => {
    script(COUNTS)
    const { heard } = await interrupted(start('npm', npm))
    expect(heard).toBe('once\n')
    await at.seen('HEARTBEAT', ({ data }) => data.exit?.code === 42)
    await at.seen('RELEASE')
  })
})

describe.runIf(spawnSync('make', ['--version']).status === 0)('a Makefile', () => {
  const makefile = (words: string): void => {
    const command = `holdfast run x --holder H -- sh -c "${words.replaceAll('$', '$$')}"`
    writeFileSync(at.path('Makefile'), `work:\n\t@${command}\n`)
  }

  it('fails with its child, whose code it tells, and goes on after a good one', async () => {
    makefile('exit 7')
    const bad = await told('make', ['work'])
    expect(bad.code).toBe(2)
    expect(bad.stderr).toMatch(/Error 7/)
    makefile('echo made')
    expect(await told('make', ['-j2', 'work'])).toMatchObject({ code: 0, stdout: Buffer.from('made\n') })
  })

  it('is interrupted once, and waits for what the child makes of it', async () => {
    makefile(COUNTS)
    const { heard } = await interrupted(start('make', ['work']))
    expect(heard).toBe('once\n')
    await at.seen('RELEASE')
  })
})

describe('a git hook', () => {
  const git = (...args: readonly string[]) => told('git', ['-c', 'user.name=t', '-c', 'user.email=t@e', ...args])
  const hook = (words: string): void => {
    const command = `#!/bin/sh\nholdfast run commits --holder H -- sh -c ${JSON.stringify(words).replaceAll('$', '\\$')}\n`
    writeFileSync(at.path('.git', 'hooks', 'pre-commit'), command, { mode: 0o755 })
  }

  it('sees the repository and the index that git has set, and its code decides about the commit', async () => {
    await git('init', '-q')
    writeFileSync(at.path('one.txt'), 'one')
    await git('add', 'one.txt')
    hook('echo index $GIT_INDEX_FILE; git diff --cached --name-only; exit 7')
    const refused = await git('commit', '-q', '-m', 'one')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/index \S*index\none\.txt\n/)
    expect((await git('log')).code).toBe(128)
    hook('git diff --cached --quiet || exit 0; exit 1')
    expect((await git('commit', '-q', '-m', 'one')).code).toBe(0)
    expect((await git('log', '--format=%s')).stdout.toString()).toBe('one\n')
  })
})

it('a run within a run leases for the same holder and run, under a token of its own', async () => {
  const inner = "holdfast run inner -- sh -c 'echo $HOLDFAST_LANE $HOLDFAST_HOLDER $HOLDFAST_RUN_ID; exit 8'"
  const words = [
    'run',
    'outer',
    '--holder',
    'H',
    '--run-id',
    'job',
    '--',
    'sh',
    '-c',
    `${inner}; echo $? $HOLDFAST_LANE`,
  ]
  const { stdout } = await told('holdfast', words)
  expect(stdout.toString()).toBe('inner H job\n8 outer\n')
  const [outer, second] = [
    await at.seen('ACQUIRE', ({ data }) => data.lane === 'outer'),
    await at.seen('ACQUIRE', ({ data }) => data.lane === 'inner'),
  ]
  expect(second.data.runId).toBe('job')
  expect(second.revision).toBeGreaterThan(outer.revision)
})
