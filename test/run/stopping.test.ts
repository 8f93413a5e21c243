import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { runChild, systemProbe, identify, type RunStep } from '@holdfast/engine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { holdfast, script } from './harness/command-line.ts'
import { LedgerFolder } from './harness/ledger-folder.ts'

const TIMES = { ttlDefaultMs: 2000, graceMs: 400, orphanGraceMs: 600, ticketTtlMs: 2000 }

let at: LedgerFolder
beforeEach(async () => {
  at = await LedgerFolder.make(TIMES)
})
afterEach(async () => {
  await at[Symbol.asyncDispose]()
})

const run = (lane: string, flags: readonly string[], ...command: readonly string[]) =>
  holdfast(['run', lane, '--store', at.url, '--holder', 'H', ...flags, '--', ...command])

/** The pid that the beat of a lane records as its child, once that child has begun. */
async function childOf(lane: string): Promise<number> {
  const recorded = await at.seen('HEARTBEAT', ({ data }) => data.lane === lane && data.children !== undefined)
  await at.seen('HEARTBEAT', ({ data, revision }) => data.lane === lane && revision > recorded.revision)
  const pid = recorded.data.children?.[0]?.pid
  if (pid === undefined) throw new Error('no child is recorded')
  return pid
}

/** Waits until a process has ended; the kernel tells nobody but the parent, so it has to be asked. */
async function ended(pid: number): Promise<void> {
  const identity = identify(pid)
  const runs = (): boolean => identity !== null && systemProbe(identity) === 'alive'
  while (runs()) await sleep(20)
}

describe('a HALT', () => {
  it('is enacted and confirmed in the log, and ends the child', async () => {
    const running = run('work', [], 'sleep', '60')
    await childOf('work')
    await at.ledger.halt({ handle: 'stop', lane: 'work', reason: 'enough' })
    expect((await running.ended).code).toBe(143)
    const halt = await at.seen('HALT')
    await at.seen('HEARTBEAT', ({ causation }) => causation === halt.eventId)
    await at.seen('RELEASE', ({ causation }) => causation === halt.eventId)
  })

  it('kills a child that does not listen, after the grace, with all that it started', async () => {
    const steps: RunStep[] = []
    const running = runChild(at.ledger, {
      hold: { lane: 'deaf', holder: 'H' },
      command: ['sh', '-c', 'trap "" TERM; sleep 61 & echo $! > grandchild; while :; do sleep 1; done'],
      cwd: at.folder,
      killGraceMs: 300,
      onStep: step => steps.push(step),
    })
    await childOf('deaf')
    const grandchild = Number(readFileSync(at.path('grandchild'), 'utf8'))
    await at.ledger.halt({ handle: 'stop', lane: 'deaf' })
    expect(await running).toMatchObject({ outcome: 'halted', exitCode: 137, exit: { signal: 'SIGKILL' } })
    await ended(grandchild)
    expect(steps.map(({ step }) => step)).toEqual(['granted', 'started', 'halting', 'ended'])
  })
})

describe('a lost lease', () => {
  it('stops the child: 123', async () => {
    const running = run('mine', [], 'sleep', '60')
    await childOf('mine')
    const { revision } = await at.seen('ACQUIRE', ({ data }) => data.lane === 'mine')
    await at.ledger.adopt({ lane: 'mine', newHolder: 'other', expectToken: revision, force: true })
    const result = await running.ended
    expect(result.code).toBe(123)
    expect(result.stderr).toContain('adopted by other')
  })

  it('lets it go on with --on-loss continue: its own code', async () => {
    const running = run('mine', ['--on-loss', 'continue'], 'sh', '-c', 'sleep 2; exit 5')
    await childOf('mine')
    const { revision } = await at.seen('ACQUIRE', ({ data }) => data.lane === 'mine')
    await at.ledger.adopt({ lane: 'mine', newHolder: 'other', expectToken: revision, force: true })
    expect((await running.ended).code).toBe(5)
  })
})

describe('a killed runner', () => {
  it('schedule 25: killed before the record, its child never begins', async () => {
    const marker = at.path('began')
    const runner = script(`${import.meta.dirname}/harness/die-before-record.ts`, [marker])
    const { stdout, signal } = await runner.ended
    expect(signal).toBe('SIGKILL')
    await ended(Number(stdout))
    expect(existsSync(marker)).toBe(false)
  })

  it('leaves its child running, as an orphan that keeps the lane closed until it is adopted', async () => {
    const running = run('orphaned', [], 'sleep', '60')
    const child = await childOf('orphaned')
    const { revision } = await at.seen('ACQUIRE', ({ data }) => data.lane === 'orphaned')
    running.child.kill('SIGKILL')
    await running.ended
    const asked = await at.ledger.acquire({ lane: 'orphaned', holder: 'next' }, { wait: '4s' })
    expect(asked).toMatchObject({ outcome: 'refused', code: 'orphan-alive' })
    const adopted = await at.ledger.adopt({ lane: 'orphaned', newHolder: 'rescuer', expectToken: revision })
    expect(adopted).toMatchObject({ outcome: 'adopted', lease: { holder: 'rescuer', children: [{ pid: child }] } })
    process.kill(child, 'SIGKILL')
  })

  it('takes its child along with --die-with-runner', async () => {
    const running = run('bound', ['--die-with-runner'], 'sleep', '60')
    const child = await childOf('bound')
    running.child.kill('SIGKILL')
    await running.ended
    await ended(child)
  })

  it('passes a signal on to its child and ends as it does', async () => {
    const running = run('passing', [], 'sh', '-c', 'trap "exit 9" TERM; while :; do sleep 0.1; done')
    await childOf('passing')
    running.child.kill('SIGTERM')
    expect((await running.ended).code).toBe(9)
  })
})

describe('a holder that could not run', () => {
  it('stopped beyond its deadline and continued, starts no further guarded effect', async () => {
    const file = at.path('written')
    const writer = script(`${import.meta.dirname}/harness/guarded-writer.ts`, [at.url, 'shared', file])
    const first = await at.seen('ACQUIRE', ({ data }) => data.lane === 'shared')
    while (!existsSync(file)) await sleep(10)
    process.kill(writer.pid, 'SIGSTOP')
    const next = await at.ledger.hold({ lane: 'shared', holder: 'next', wait: '20s' })
    if (next.outcome !== 'granted') throw new Error(next.outcome)
    const before = readFileSync(file, 'utf8')
    process.kill(writer.pid, 'SIGCONT')
    const { stdout } = await writer.ended
    expect(stdout).toMatch(/^lost: (deadline-passed|scavenged)/)
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect(new Set(before.trim().split('\n'))).toEqual(new Set([String(first.revision)]))
    await next.lease.release()
  })

  it('after a blocked event loop looks at its deadline before it writes again', async () => {
    const file = at.path('written')
    const writer = script(`${import.meta.dirname}/harness/guarded-writer.ts`, [at.url, 'blocked', file, '2500'])
    const { stdout } = await writer.ended
    expect(stdout).toMatch(/^lost: deadline-passed/)
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1)
  })
})

it('100 runs at once end as their children do', async () => {
  const runs = Array.from({ length: 100 }, (_, index) =>
    runChild(at.ledger, {
      hold: { lane: `many-${index}`, holder: 'H', ttl: '60s' },
      command: ['sh', '-c', `exit ${index}`],
    }),
  )
  expect((await Promise.all(runs)).map(({ exitCode }) => exitCode)).toEqual(runs.map((_, index) => index))
  expect(await at.ledger.leases()).toEqual([])
})
