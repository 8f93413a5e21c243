import { existsSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { script } from './harness/command-line.ts'
import { LedgerFolder } from './harness/ledger-folder.ts'
import { ended, LEAVES_BEHIND, numberIn } from './harness/processes.ts'

const TIMES = { ttlDefaultMs: 2000, graceMs: 400, orphanGraceMs: 600, ticketTtlMs: 2000 }

let at: LedgerFolder
beforeEach(async () => {
  at = await LedgerFolder.make(TIMES)
})
afterEach(async () => {
  await at[Symbol.asyncDispose]()
})

describe('a killed runner', () => {
  it('killed before the record, its child never begins (schedule 25)', async () => {
    const marker = at.path('began')
    const runner = script(`${import.meta.dirname}/harness/die-before-record.ts`, [marker])
    const { stdout, signal } = await runner.ended
    expect(signal).toBe('SIGKILL')
    await ended(Number(stdout))
    expect(existsSync(marker)).toBe(false)
  })

  it('leaves its child running, as an orphan that keeps the lane closed until it is adopted', async () => {
    const running = at.run('orphaned', [], 'sleep', '60')
    const child = await at.childOf('orphaned')
    const { revision } = await at.seen('ACQUIRE', ({ data }) => data.lane === 'orphaned')
    running.child.kill('SIGKILL')
    await running.ended
    const asked = await at.ledger.acquire({ lane: 'orphaned', holder: 'next' }, { wait: '4s' })
    expect(asked).toMatchObject({ outcome: 'refused', code: 'orphan-alive' })
    const adopted = await at.ledger.adopt({ lane: 'orphaned', newHolder: 'rescuer', expectToken: revision })
    expect(adopted).toMatchObject({ outcome: 'adopted', lease: { holder: 'rescuer', children: [{ pid: child }] } })
    process.kill(child, 'SIGKILL')
  })

  it.each(['terminal', 'session'])(
    'takes along what its child has started, at a %s, and what does not listen by force',
    async kind => {
      const words = `${LEAVES_BEHIND}; echo > ready; exec sleep 60`
      const args = [at.url, 'bound', kind, words]
      const runner = script(`${import.meta.dirname}/harness/dying-runner.ts`, args, { cwd: at.folder })
      const { signal } = await runner.ended
      expect(signal).toBe('SIGKILL')
      const { data } = await at.seen('HEARTBEAT', ({ data: { children } }) => children !== undefined)
      await ended(data.children?.[0]?.pid ?? 0)
      await ended(await numberIn(at.path('left')))
    },
  )

  it('takes its child along with --die-with-runner', async () => {
    const running = at.run('bound', ['--die-with-runner'], 'sleep', '60')
    const child = await at.childOf('bound')
    running.child.kill('SIGKILL')
    await running.ended
    await ended(child)
  })

  it('passes a signal on to its child and ends as it does', async () => {
    const running = at.run('passing', [], 'sh', '-c', 'trap "exit 9" TERM; while :; do sleep 0.1; done')
    await at.childOf('passing')
    running.child.kill('SIGTERM')
    expect((await running.ended).code).toBe(9)
  })
})
