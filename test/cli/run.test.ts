import { existsSync, writeFileSync } from 'node:fs'
import { FailureAnswer, RunAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { field, Holdfast, type Running } from './holdfast.ts'

const RUN = ['run', 'api', '--holder', 'a', '--ttl', '20s'] as const

/** A file that can be opened and never written. */
const WITH_FULL_DEVICE = { skip: !existsSync('/dev/full') }

/** Waits until the child says that it runs, and gives the token that it was told. */
async function tokenIn(running: Running): Promise<string> {
  const [token = ''] = await running.lines(1)
  return token
}

describe('run ends with', () => {
  it.concurrent("the child's own code", async () => {
    const { exitCode } = await new Holdfast().call([...RUN, '--', 'sh', '-c', 'exit 7'])
    expect(exitCode).toBe(7)
  })

  it.concurrent('128 and the number of the signal that ended the child', async () => {
    const { exitCode } = await new Holdfast().call([...RUN, '--', 'sh', '-c', 'kill -KILL $$'])
    expect(exitCode).toBe(137)
  })

  it.concurrent('123 when the lease is lost and the child was stopped; the child is told who took it', async () => {
    const holdfast = new Holdfast()
    const running = holdfast.start([...RUN, '--json', '--', 'sh', '-c', 'echo $HOLDFAST_TOKEN; exec sleep 60'])
    const token = await tokenIn(running)
    await holdfast.call(['adopt', 'api', '--holder', 'b', '--expect-token', token, '--force'])
    const { exitCode, stderr } = await running.ended
    const report = RunAnswer.parse(JSON.parse(stderr))
    expect({ exitCode, outcome: report.outcome }).toEqual({ exitCode: 123, outcome: 'lost' })
    expect(report.detail).toContain('adopted by b')
  })

  it.concurrent("the child's code when the lease is lost and the child goes on", async () => {
    const holdfast = new Holdfast()
    const child = ['sh', '-c', 'echo $HOLDFAST_TOKEN; while [ ! -e stop ]; do sleep 0.1; done; exit 5']
    const running = holdfast.start([...RUN, '--on-loss', 'continue', '--', ...child])
    const token = await tokenIn(running)
    await holdfast.call(['scavenge', 'api', '--token', token, '--force'])
    writeFileSync(holdfast.path('stop'), '')
    expect((await running.ended).exitCode).toBe(5)
  })

  it.concurrent("the child's code when its report cannot be written, which is told", WITH_FULL_DEVICE, async () => {
    const args = [...RUN, '--report', '/dev/full', '--json', '--', 'sh', '-c', 'exit 7']
    const { exitCode, stderr } = await new Holdfast().call(args)
    expect(exitCode).toBe(7)
    const [remark, answer = ''] = stderr.trimEnd().split('\n')
    expect(remark).toMatch(/^holdfast: the report could not be written: ENOSPC/)
    expect(RunAnswer.parse(JSON.parse(answer))).toMatchObject({ outcome: 'ended', exitCode: 7 })
  })

  it.concurrent('125 and the reason when neither the store nor the report can be used', WITH_FULL_DEVICE, async () => {
    const holdfast = new Holdfast()
    writeFileSync(holdfast.path('file'), '')
    const { exitCode, stderr } = await holdfast.call([
      ...RUN,
      '--create',
      '--store',
      'sqlite:file/l.db',
      '--report',
      '/dev/full',
      '--',
      'true',
    ])
    expect(exitCode).toBe(125)
    expect(stderr).toMatch(/the report could not be written: ENOSPC.*\n.*file\/l\.db cannot be used/)
  })

  it.concurrent('124 when it is not admitted, with the blocker named', async () => {
    const holdfast = new Holdfast()
    await holdfast.call(['acquire', 'api', '--holder', 'b'])
    const { exitCode, stdout, stderr } = await holdfast.call([...RUN, '--', 'echo', 'never'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 124, stdout: '' })
    expect(stderr).toContain('api@1, of b')
    expect(stderr).toMatch(/\n {2}retry {7}in .* at the earliest\n/)
  })

  it.concurrent('124 with the reason when what it asks for excludes itself', async () => {
    const holdfast = new Holdfast()
    writeFileSync(holdfast.path('claims.json'), '[{"lane": "web", "region": ["src/web/**"]}]')
    const asked = [...RUN, '--region', 'src/**', '--all-of', 'claims.json', '--', 'echo', 'never']
    const { exitCode, stderr } = await holdfast.call(asked)
    expect(exitCode).toBe(124)
    expect(stderr).toMatch(/ self-conflict .*\n {2}because {5}the claims on api and web exclude each other/)
  })

  it.concurrent('125 when the store cannot be used', async () => {
    const holdfast = new Holdfast()
    writeFileSync(holdfast.path('file'), '')
    const { exitCode, stderr } = await holdfast.call([
      ...RUN,
      '--create',
      '--store',
      'sqlite:file/l.db',
      '--json',
      '--',
      'true',
    ])
    expect(exitCode).toBe(125)
    expect(FailureAnswer.parse(JSON.parse(stderr)).error.code).toBe('unavailable')
  })

  it.concurrent('126 for what is not executable, 127 for what is not there, 2 for no command at all', async () => {
    const holdfast = new Holdfast()
    writeFileSync(holdfast.path('data'), '', { mode: 0o644 })
    const [unfit, missing, none] = await Promise.all([
      holdfast.call([...RUN, '--', './data']),
      holdfast.call([...RUN, '--', 'no-such-command']),
      holdfast.call([...RUN]),
    ])
    expect([unfit.exitCode, missing.exitCode, none.exitCode]).toEqual([126, 127, 2])
  })
})

describe('run hands on', () => {
  it.concurrent('an interruption, and ends as the child does', async () => {
    const holdfast = new Holdfast()
    const running = holdfast.start([
      ...RUN,
      '--',
      'sh',
      '-c',
      'trap "exit 42" INT; echo ready; while :; do sleep 0.1; done',
    ])
    await running.lines(1)
    running.child.kill('SIGINT')
    expect((await running.ended).exitCode).toBe(42)
  })

  it.concurrent('a HALT, which the release confirms', async () => {
    const holdfast = new Holdfast()
    const running = holdfast.start([...RUN, '--', 'sh', '-c', 'echo ready; exec sleep 60'])
    await running.lines(1)
    await holdfast.call(['halt', 'stop-1', '--lane', 'api', '--reason', 'enough'])
    const { exitCode, stderr } = await running.ended
    expect({ exitCode, told: stderr.includes('enough') }).toEqual({ exitCode: 143, told: true })
    const { stdout } = await holdfast.call(['log', '--json', '--type', 'RELEASE', '--type', 'HALT'])
    const [halt, release] = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as unknown)
    expect(field(release, 'causation')).toBe(field(halt, 'eventId'))
  })
})

describe('an interruption while waiting', () => {
  it.concurrent('gives up the place in the line and ends with 130', async () => {
    const holdfast = new Holdfast()
    await holdfast.call(['acquire', 'api', '--holder', 'b'])
    const following = holdfast.start(['log', '--follow', '--json', '--type', 'REFUSE'])
    const waiting = holdfast.start(['acquire', 'api', '--holder', 'a', '--wait', '60s'])
    await following.lines(1)
    waiting.child.kill('SIGINT')
    const { exitCode } = await waiting.ended
    const [, second = ''] = await following.lines(2)
    following.child.kill('SIGTERM')
    const followed = await following.ended
    expect([exitCode, followed.exitCode]).toEqual([130, 143])
    expect(field(JSON.parse(second), 'data', 'code')).toBe('withdrawn')
  })
})
