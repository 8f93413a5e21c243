import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { runChild } from '@holdfast/engine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LedgerFolder } from './harness/ledger-folder.ts'
import { isStopped, until } from './harness/processes.ts'

const TIMES = { ttlDefaultMs: 2000, graceMs: 400, orphanGraceMs: 600, ticketTtlMs: 2000 }

let at: LedgerFolder
beforeEach(async () => {
  at = await LedgerFolder.make(TIMES)
})
afterEach(async () => {
  await at[Symbol.asyncDispose]()
})

describe('signals', () => {
  it('without a common meaning reach the child alone, and neither end nor debug the runner', async () => {
    const count = 'trap "echo one >> got" USR1; trap "echo two >> got; exit 3" USR2'
    const running = at.run('signals', [], 'sh', '-c', `${count}; while :; do sleep 0.05; done`)
    await at.childOf('signals')
    running.child.kill('SIGUSR1')
    await until(() => existsSync(at.path('got')))
    running.child.kill('SIGUSR2')
    const { code, stderr } = await running.ended
    expect(code).toBe(3)
    expect(readFileSync(at.path('got'), 'utf8')).toBe('one\ntwo\n')
    expect(stderr).toBe('')
  })

  it('a stop stops the child as well, away from a terminal, and both go on together', async () => {
    // Starts nothing while it waits: where a shell is stopped between vfork and exec, the kernel shows it waiting, not stopped.
    const running = at.run('paused', [], 'sh', '-c', `while [ ! -e go ]; do :; done; exit 4`)
    const child = await at.childOf('paused')
    running.child.kill('SIGTSTP')
    await until(() => isStopped(running.pid))
    // Sent before the runner stopped, and carried out when the child's processor gets to it.
    await until(() => isStopped(child))
    running.child.kill('SIGCONT')
    await until(() => !isStopped(child))
    writeFileSync(at.path('go'), '')
    expect((await running.ended).code).toBe(4)
  })

  it('a runner that was stopped for longer than its lease lives ends its child before that goes on', async () => {
    const running = at.run('overslept', [], 'sh', '-c', `while :; do echo >> ticks; done`)
    await at.childOf('overslept')
    await until(() => existsSync(at.path('ticks')))
    running.child.kill('SIGTSTP')
    await until(() => isStopped(running.pid))
    const ticks = readFileSync(at.path('ticks'), 'utf8')
    const [lease] = await at.ledger.leases()
    await until(async () => (await at.ledger.now()) > (lease?.expiresAtMs ?? 0))
    running.child.kill('SIGCONT')
    expect((await running.ended).code).toBe(123)
    expect(readFileSync(at.path('ticks'), 'utf8')).toBe(ticks)
  })

  it('a runner that goes on looks at its deadline before it lets its child go on, timers or not', async () => {
    let handOn: (signal: NodeJS.Signals) => void = () => {}
    const running = runChild(at.ledger, {
      hold: { lane: 'overslept', holder: 'H', ttl: '600ms' },
      command: ['sh', '-c', 'while :; do echo >> ticks; done'],
      cwd: at.folder,
      onSignal: forward => {
        handOn = forward
        return () => {}
      },
    })
    const child = await at.childOf('overslept')
    await until(() => existsSync(at.path('ticks')))
    handOn('SIGSTOP')
    await until(() => isStopped(child))
    const ticks = readFileSync(at.path('ticks'), 'utf8')
    block(700)
    handOn('SIGCONT')
    block(100)
    expect(readFileSync(at.path('ticks'), 'utf8')).toBe(ticks)
    expect(await running).toMatchObject({ outcome: 'lost', exitCode: 123 })
    // All that it had started is stopped by now, so nobody has to wait for the grace to be over.
    expect(await at.ledger.acquire({ lane: 'overslept', holder: 'next' })).toMatchObject({
      outcome: 'granted',
      evicted: [],
    })
  })
})

/** Nothing else happens in this process meanwhile, as if it did not run. */
function block(spanMs: number): void {
  const untilMs = performance.now() + spanMs
  while (performance.now() < untilMs);
}
