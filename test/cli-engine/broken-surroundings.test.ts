import { dirname } from 'node:path'
import { ReapLine } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { WorkTree, type Call } from '../guard/work-tree.ts'
import { until } from '../run/harness/processes.ts'
import { COMMAND } from '../setup/command.ts'

/** One sentence, and nothing of the program's insides. */
function sentence({ stderr }: Call): string {
  expect(stderr.trimEnd().split('\n'), stderr).toHaveLength(1)
  expect(stderr).not.toMatch(/unexpected|\n\s+at /)
  return stderr.trimEnd()
}

describe('a working folder that was removed', () => {
  const inRemoved = (place: WorkTree, ...args: readonly string[]): Promise<Call> => {
    const line = 'mkdir removed && cd removed && rmdir ../removed && exec "$@"'
    return place.run('bash', ['-c', line, 'bash', process.execPath, COMMAND, ...args])
  }

  it.each([
    ['leases', ['leases']],
    ['run', ['run', 'x', '--holder', 'a', '--', 'true']],
    ['reap', ['reap', '--once']],
    ['guard check', ['guard', 'check', 'x']],
    ['guard install', ['guard', 'install', '--git']],
  ])('is said to be so by %s: 2', async (_name, args) => {
    await using place = new WorkTree({ git: false })
    const told = await inRemoved(place, ...args)
    expect(told.exitCode).toBe(2)
    expect(sentence(told)).toBe('The working folder no longer exists; change to one that does.')
  })

  it('keeps a hook closed, and the way out of it open', async () => {
    await using place = new WorkTree({ git: false })
    const hook = ['guard', 'check', '--hook', 'claude-code']
    const closed = await inRemoved(place, ...hook)
    expect(closed.exitCode).toBe(2)
    expect(closed.stderr).toMatch(/^The working folder no longer exists.*\n.*HOLDFAST_GUARD=off lets writes through/)
    const line = 'mkdir removed && cd removed && rmdir ../removed && HOLDFAST_GUARD=off exec "$@"'
    const open = await place.run('bash', ['-c', line, 'bash', process.execPath, COMMAND, ...hook])
    expect(open.exitCode).toBe(0)
    expect(open.stderr).toContain('off, nothing was checked; it could not be logged')
  })

  it('does not matter to who names the store', async () => {
    await using place = new WorkTree({ git: false })
    const store = ['--store', `sqlite:${place.path('ledger.db')}`]
    await place.holdfast(['init', ...store])
    expect((await inRemoved(place, 'run', 'x', '--holder', 'a', ...store, '--', 'true')).exitCode).toBe(0)
    expect((await inRemoved(place, 'leases', ...store)).exitCode).toBe(0)
  })
})

describe.runIf(process.platform === 'linux')('a folder that no folder can be made in', () => {
  it('ends a beat with a sentence, at once', async () => {
    await using place = new WorkTree({ git: false })
    const told = await place.holdfast(['beat', '/proc/no-such-process/beat.json', '--once'])
    expect(told.exitCode).toBe(5)
    expect(sentence(told)).toMatch(/^the beat did not reach \/proc\/no-such-process\/beat.json: ENOENT/)
  })

  it('ends a restore with a sentence, at once', async () => {
    await using place = new WorkTree({ git: false })
    await place.holdfast(['init'])
    await place.holdfast(['backup', 'ledger.bak'])
    const told = await place.holdfast(['restore', 'ledger.bak', '--store', 'sqlite:/proc/no-such-process/l.db'])
    expect(told.exitCode).toBe(5)
    expect(sentence(told)).toMatch(/^\/proc\/no-such-process\/l.db cannot be used \(ENOENT/)
  })

  it('ends an installation of the guard with a sentence, at once', async () => {
    await using place = new WorkTree({ git: false })
    const told = await place.holdfast(['guard', 'install', '--agent', 'claude-code', '--root', '/proc'])
    expect(told.exitCode).toBe(2)
    expect(sentence(told)).toMatch(/^\/proc\/\.claude\/settings\.json: it cannot be written \(ENOENT/)
  })
})

describe('a machine without git', () => {
  const env = { PATH: dirname(process.execPath) }

  it('has no hook installed, and is told why', async () => {
    await using place = new WorkTree({ git: false })
    await place.holdfast(['init'])
    const told = await place.holdfast(['guard', 'install', '--git'], { env })
    expect(told.exitCode).toBe(2)
    expect(sentence(told)).toMatch(/^git: .* is in no git repository, or git is not there\.$/)
  })

  it('runs commands under leases all the same', async () => {
    await using place = new WorkTree({ git: false })
    const args = ['run', 'x', '--holder', 'a', '--', process.execPath, '-e', 'process.exit(3)']
    expect((await place.holdfast(args, { env })).exitCode).toBe(3)
    const missing = await place.holdfast(['run', 'x', '--holder', 'a', '--', 'git', 'status'], { env })
    expect(missing.exitCode).toBe(127)
    expect(sentence(missing)).toBe('holdfast: git: command not found')
  })
})

describe('a folder that cannot be read or written', () => {
  it('takes no report, which is told before anything runs', async () => {
    await using place = new WorkTree({ git: false })
    place.write('file', '')
    const args = ['run', 'x', '--holder', 'a', '--report', 'file/report.json', '--', 'touch', 'ran']
    const told = await place.holdfast(args)
    expect(told.exitCode).toBe(2)
    expect(sentence(told)).toMatch(/^report: "file\/report\.json" cannot be written: /)
    expect((await place.run('ls', [])).stdout).toBe('file\n')
  })

  it('shows no work, and nobody is called spinning for that', async () => {
    await using place = new WorkTree({ git: false })
    const liveness = { graceMs: 1, spinMs: 60_000, progressWindowMs: 1 }
    place.write('holdfast.config.json', JSON.stringify({ liveness, progress: { directory: 'nowhere' } }))
    const args = ['acquire', 'x', '--holder', 'a', '--region', 'src/**', '--ttl', '1h']
    await place.holdfast(args)
    let line: ReapLine | undefined
    // Old enough to show work is a lease within a millisecond here.
    await until(async () => {
      const { stdout } = await place.holdfast(['reap', '--once', '--json'])
      line = ReapLine.parse(JSON.parse(stdout))
      return line.evidence.progress?.verdict === 'SPINNING'
    })
    expect(line).toMatchObject({ result: 'left', evidence: { spinning: false, progress: { files: null } } })
    expect(line?.evidence.progress?.unknown[0]).toMatch(/^changed-files: ENOENT/)
  })
})
