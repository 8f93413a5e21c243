import { existsSync, readFileSync } from 'node:fs'
import { runChild, type RunStep } from '@holdfast/engine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LedgerFolder } from './harness/ledger-folder.ts'
import { ended, LEAVES_BEHIND, numberIn, runs, until } from './harness/processes.ts'

const TIMES = { ttlDefaultMs: 2000, graceMs: 400, orphanGraceMs: 600, ticketTtlMs: 2000 }

let at: LedgerFolder
beforeEach(async () => {
  at = await LedgerFolder.make(TIMES)
})
afterEach(async () => {
  await at[Symbol.asyncDispose]()
})

describe('a HALT', () => {
  it('is enacted and confirmed in the log, and ends the child; the command that it proposes is run by nobody', async () => {
    const running = at.run('work', [], 'sleep', '60')
    await at.childOf('work')
    const command = `touch ${at.path('proposed')}`
    await at.ledger.halt({ handle: 'stop', lane: 'work', reason: 'enough', command })
    expect((await running.ended).code).toBe(143)
    expect(existsSync(at.path('proposed'))).toBe(false)
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
    await at.childOf('deaf')
    const grandchild = Number(readFileSync(at.path('grandchild'), 'utf8'))
    await at.ledger.halt({ handle: 'stop', lane: 'deaf' })
    expect(await running).toMatchObject({ outcome: 'halted', exitCode: 137, exit: { signal: 'SIGKILL' } })
    await ended(grandchild)
    expect(steps.map(({ step }) => step)).toEqual(['granted', 'started', 'halting', 'ended'])
  })
})

describe('what a stopped child leaves behind', () => {
  it.each([
    ['in its group', false, LEAVES_BEHIND],
    ['in a session of its own', false, `setsid ${LEAVES_BEHIND}`],
    ['where the terminal is shared', true, LEAVES_BEHIND],
  ])('%s is ended as well, and the lane stays closed until then', async (_where, terminal, words) => {
    const running = runChild(at.ledger, {
      hold: { lane: 'work', holder: 'H', ttl: '20s' },
      command: ['sh', '-c', `${words}; echo > ready; exec sleep 60`],
      cwd: at.folder,
      killGraceMs: 500,
      terminal,
    })
    await until(() => existsSync(at.path('ready')))
    const left = await numberIn(at.path('left'))
    await at.ledger.halt({ handle: 'stop', lane: 'work' })
    await at.seen('RELEASE')
    expect(runs(left)).toBe(false)
    expect(await running).toMatchObject({ outcome: 'halted', exit: { signal: 'SIGTERM' } })
  })

  it('by itself is left alone: a child may start what outlives it', async () => {
    const command = ['sh', '-c', 'sleep 61 & echo $! > left']
    await runChild(at.ledger, { hold: { lane: 'work', holder: 'H' }, command, cwd: at.folder })
    const left = await numberIn(at.path('left'))
    expect(runs(left)).toBe(true)
    process.kill(left, 'SIGKILL')
  })
})

describe('a lost lease', () => {
  it('stops the child: 123', async () => {
    const running = at.run('mine', [], 'sleep', '60')
    await at.childOf('mine')
    const { revision } = await at.seen('ACQUIRE', ({ data }) => data.lane === 'mine')
    await at.ledger.adopt({ lane: 'mine', newHolder: 'other', expectToken: revision, force: true })
    const result = await running.ended
    expect(result.code).toBe(123)
    expect(result.stderr).toContain('adopted by other')
  })

  it('lets it go on with --on-loss continue: its own code', async () => {
    const running = at.run('mine', ['--on-loss', 'continue'], 'sh', '-c', 'sleep 2; exit 5')
    await at.childOf('mine')
    const { revision } = await at.seen('ACQUIRE', ({ data }) => data.lane === 'mine')
    await at.ledger.adopt({ lane: 'mine', newHolder: 'other', expectToken: revision, force: true })
    expect((await running.ended).code).toBe(5)
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
