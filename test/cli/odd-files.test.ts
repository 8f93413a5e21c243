import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  readdirSync,
  readlinkSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Holdfast } from './holdfast.ts'

const JUDGED = '{"heartbeatAgeMs":61000,"activity":"quiet","policy":{"stallMs":60000,"ttlMs":3000000}}'

describe('a pipe where a file is named', () => {
  it('is refused by import at once, and so is a device', async () => {
    const holdfast = new Holdfast()
    execFileSync('mkfifo', [holdfast.path('pipe')])
    const told = await holdfast.bash(
      'holdfast import holdfast pipe; echo "$?"; holdfast import dos-journal /dev/zero; echo "$?"',
    )
    expect(told.stdout).toBe('2\n2\n')
    expect(told.stderr).toContain('pipe is a folder, a pipe or a device; nothing was imported.')
    expect(existsSync(holdfast.path('.holdfast'))).toBe(false)
  })

  it('is read to its end where the shell has opened it, as in <(command), and a signal ends the wait', async () => {
    const holdfast = new Holdfast()
    execFileSync('mkfifo', [holdfast.path('pipe')])
    const line = `holdfast judge health <(echo '${JUDGED}')`
    expect((await holdfast.bash(line)).stdout.match(/^STALE|^\w+ /gm)).toHaveLength(1)
    await using both = await open(holdfast.path('pipe'), 'r+')
    const descriptor = `/proc/${process.pid}/fd/${both.fd}`
    for (const [signal, exitCode] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const waiting = holdfast.start(['judge', 'health', descriptor])
      // Once it has the pipe open it waits for the first word.
      await expect.poll(() => hasOpen(waiting.child.pid, holdfast.path('pipe')), { timeout: 60_000 }).toBe(true)
      waiting.child.kill(signal)
      expect((await waiting.ended).exitCode).toBe(exitCode)
    }
  })

  it('holds up no other command that reads files, nor one that writes a report', async () => {
    const holdfast = new Holdfast()
    execFileSync('mkfifo', [holdfast.path('pipe')])
    const refused = await holdfast.bash(
      'holdfast judge health /dev/zero; echo "$?"; holdfast judge health pipe; echo "$?"; holdfast config set pipe; echo "$?"; holdfast run api --holder a --report pipe -- true; echo "$?"',
    )
    expect(refused.stdout).toBe('2\n2\n2\n2\n')
    const files = await holdfast.bash(
      'for f in ./pipe /dev/zero; do holdfast leases --config $f; echo $?; holdfast guard check --hook $f </dev/null; echo $?; done',
    )
    expect(files.stdout).toBe('2\n2\n2\n2\n')
    mkdirSync(holdfast.path('.claude'))
    execFileSync('mkfifo', [holdfast.path('.claude', 'settings.json')])
    expect((await holdfast.call(['guard', 'install', '--agent', 'claude-code'])).stderr).toContain(
      'it is a pipe or a device',
    )
  })
})

it('an export is written through a link to nothing yet', async () => {
  const holdfast = new Holdfast()
  mkdirSync(holdfast.path('there'))
  symlinkSync('there/export.jsonl', holdfast.path('link'))
  const told = await holdfast.bash('holdfast init >/dev/null && holdfast export link')
  expect(told.exitCode).toBe(0)
  expect(lstatSync(holdfast.path('link')).isSymbolicLink()).toBe(true)
  expect(readFileSync(holdfast.path('there', 'export.jsonl'), 'utf8')).toContain('CHECKPOINT')
})

it('a name that all objects inherit is no hook, and a key that JSON readers drop is refused', async () => {
  const holdfast = new Holdfast()
  await holdfast.bash(
    `echo '{"guard":{"hooks":{"__proto__":{"source":"git-staged","refusedExitCode":9}}}}' > proto.json`,
  )
  const told = await holdfast.bash(
    [
      'holdfast guard check --hook constructor; echo "$?"',
      'holdfast guard check --hook __proto__; echo "$?"',
      'holdfast guard check x --config proto.json; echo "$?"',
      `holdfast beat beat.json --once --metadata '{"a":[{"__proto__":{"b":1}}]}'; echo "$?"`,
    ].join('; '),
  )
  expect(told.stdout).toBe('2\n2\n2\n2\n')
  expect(told.stderr).toContain('"constructor" is not known; there are git,')
  expect(told.stderr).toContain('is wrong at guard.hooks.__proto__')
  expect(told.stderr).toContain('metadata: the name __proto__ cannot be used (a.0.__proto__)')
  expect(told.stderr).not.toMatch(/unexpected|^\s+at /m)
})

it('too few descriptors are told in a sentence', async () => {
  const holdfast = new Holdfast()
  const acquire = 'acquire api --holder a'
  for (const [limit, command] of [
    [22, 'leases'],
    [25, 'leases'],
    [25, acquire],
    [26, acquire],
  ] as const) {
    const { stderr } = await holdfast.bash(`ulimit -n ${limit}; holdfast ${command}`)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    // Nothing is damaged that would have to be mended.
    expect(stderr).not.toContain('Repair')
  }
})

describe('init --shared', () => {
  it('says which group is none, and makes or shares a ledger for one', async () => {
    const holdfast = new Holdfast()
    const gid = process.getegid?.() ?? 0
    expect((await holdfast.call(['init', '--shared', 'no such group'])).stderr).toContain(
      'there is no group "no such group"',
    )
    expect(existsSync(holdfast.path('.holdfast'))).toBe(false)
    await holdfast.call(['init'])
    const modes = (): readonly string[] =>
      ['.holdfast', '.holdfast/ledger.db'].map(name => (statSync(holdfast.path(name)).mode & 0o7777).toString(8))
    expect(modes()).toEqual(['700', '600'])
    const { exitCode, answer } = await holdfast.ask('init', '--shared', String(gid))
    expect({ exitCode, answer }).toMatchObject({ exitCode: 0, answer: { created: false, shared: { gid } } })
    expect(modes()).toEqual(['2770', '660'])
    const elsewhere = await holdfast.call(['init', '--shared', String(gid), '--store', 'sqlite:here.db'])
    expect(elsewhere.exitCode).toBe(2)
    expect(elsewhere.stderr).toContain('holds other files too')
  })
})

function hasOpen(pid: number | undefined, path: string): boolean {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).some(fd => {
    try {
      return readlinkSync(join(folder, fd)) === path
    } catch {
      return false // Closed meanwhile.
    }
  })
}
