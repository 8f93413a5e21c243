import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { expired, granted, QUICK, Shop } from './shop.ts'
import { COMMAND } from '../setup/command.ts'

describe('reap --once', () => {
  it('a dry run explains each decision with its evidence and writes nothing', async () => {
    await using shop = new Shop()
    await using ledger = await shop.open()
    await granted(ledger, { lane: 'old', holder: 'a', ttl: '1ms', maxAttempts: 2 })
    const token = await granted(ledger, { lane: 'held', holder: 'a', ttl: '1h' })
    await expired(ledger, 'old')
    const { head } = ledger
    const { exitCode, lines } = await shop.reap('--once', '--dry-run')
    expect(exitCode).toBe(0)
    expect(lines).toMatchObject([
      { lane: 'old', verdict: 'evict', basis: 'expired', tier: 4, result: 'planned', disposition: 'retry' },
      {
        lane: 'held',
        token,
        verdict: 'leave',
        basis: 'no-grounds',
        result: 'planned',
        evidence: { process: 'unknown' },
      },
    ])
    await ledger.refresh()
    expect(ledger.head).toBe(head)
    const told = await shop.holdfast(['reap', '--once', '--dry-run'])
    expect(told.stdout).toMatch(/would evict {2}old .*it has expired\n {2}evidence {2}process unknown, gate none/)
  })

  it('hands the effect the claim in its environment, keeps its output out of the lines, and tells of its failure', async () => {
    await using shop = new Shop()
    await using ledger = await shop.open()
    const before = await granted(ledger, { lane: 'job', holder: 'a', ttl: '1s', runId: 'r1', maxAttempts: 3 })
    const exit = { code: 7, signal: null }
    await ledger.heartbeat({ lane: 'job', holder: 'a', token: before, exit })
    await pause(QUICK.finalisationGraceMs)
    const words = 'echo noise; env | grep ^HOLDFAST_ | sort > journal'
    const { exitCode, lines, stderr } = await shop.reap('--once', '--on-reaped', words, '--as', 'R')
    expect(exitCode).toBe(0)
    expect(lines).toMatchObject([
      { lane: 'job', verdict: 'claim', result: 'reaped', disposition: 'retry', cause: 'exited' },
    ])
    expect(stderr).toBe('noise\n')
    const told = Object.fromEntries(shop.journal().map(line => line.split('=') as [string, string]))
    expect(told).toMatchObject({
      HOLDFAST_LANE: 'job',
      HOLDFAST_LEASE_ID: `job@${before}`,
      HOLDFAST_HOLDER: 'R',
      HOLDFAST_REAP_HOLDER: 'a',
      HOLDFAST_REAP_CAUSE: 'exited',
      HOLDFAST_REAP_DISPOSITION: 'retry',
      HOLDFAST_EXIT_CODE: '7',
      HOLDFAST_ATTEMPT: '1',
      HOLDFAST_MAX_ATTEMPTS: '3',
      HOLDFAST_RUN_ID: 'r1',
      HOLDFAST_STORE: shop.url,
    })
    // The token is the claim's: the revision of the adoption. The key names the effect: the first claim's revision.
    expect(Number(told['HOLDFAST_TOKEN'])).toBeGreaterThan(before)
    expect(told['HOLDFAST_REAP_KEY']).toBe(told['HOLDFAST_TOKEN'])

    await granted(ledger, { lane: 'bad', holder: 'a', ttl: '2s', maxAttempts: 9 })
    await expired(ledger, 'bad')
    const failed = await shop.reap('--once', '--on-reaped', 'echo x >> attempts; exit 3')
    expect(failed.lines).toMatchObject([{ lane: 'bad', result: 'reaped', disposition: 'failed' }])
    expect(failed.lines[0]?.detail).toContain('the effect failed 2 times: the command ended with code 3')
  })

  it.each([
    ['true', 'done'],
    ['test "$HOLDFAST_EXIT_CODE" = 1', 'failed'],
    ['no-such-command', 'failed'],
  ])('an exit of 0 with the gate %j ends as %s', async (gate, disposition) => {
    await using shop = new Shop()
    await using ledger = await shop.open()
    const token = await granted(ledger, { lane: 'job', holder: 'a', ttl: '1s' })
    await ledger.heartbeat({ lane: 'job', holder: 'a', token, exit: { code: 0, signal: null } })
    await pause(QUICK.finalisationGraceMs)
    expect((await shop.reap('--once', '--gate', gate)).lines).toMatchObject([{ result: 'reaped', disposition }])
  })

  it('looks as often as it takes to believe that a process has died', async () => {
    await using shop = new Shop()
    // Before anybody else makes it: whoever makes a ledger decides about its times.
    await using ledger = await shop.open()
    const child = shop.start(process.execPath, [
      COMMAND,
      'run',
      'job',
      '--holder',
      'a',
      '--ttl',
      '20s',
      '--',
      'sh',
      '-c',
      'echo begun >> journal; exec sleep 600',
    ])
    // Recorded, and let go: a runner that is killed in between has no child.
    await shop.until(() => shop.journal().length > 0)
    await ledger.refresh()
    const [sleeper] = (await ledger.leases())[0]?.children ?? []
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect((await shop.reap('--once')).lines).toMatchObject([{ result: 'left', evidence: { children: ['alive'] } }])
    if (sleeper !== undefined) process.kill(sleeper.pid, 'SIGKILL')
    await pause(QUICK.graceMs)
    expect((await shop.reap('--once')).lines).toMatchObject([{ result: 'reaped', basis: 'process-dead', tier: 1 }])
  })

  it.each([
    [['--interval', '5'], 'interval'],
    [['--interval', '1ms'], 'interval'],
    [['--as', ' '], 'as'],
    [['--gate', ''], 'gate'],
  ])('%j is refused in one sentence that names the field', async (args, field) => {
    await using shop = new Shop()
    const { exitCode, stderr } = await shop.holdfast(['reap', ...args])
    expect(exitCode).toBe(2)
    expect(stderr.startsWith(`${field}: `)).toBe(true)
  })

  it('makes no ledger where there is none', async () => {
    await using shop = new Shop()
    expect((await shop.holdfast(['reap', '--once'])).exitCode).toBe(5)
  })
})

describe('reap', () => {
  it.each([
    ['SIGTERM', 0],
    ['SIGINT', 130],
  ] as const)('ends in order on %s, after the effect that is under way', async (signal, exitCode) => {
    await using shop = new Shop()
    await using ledger = await shop.open()
    await granted(ledger, { lane: 'job', holder: 'a', ttl: '600ms' })
    const words = 'echo begin >> journal; while [ ! -e go ] && [ -e journal ]; do sleep 0.05; done; echo end >> journal'
    const reaper = shop.start(process.execPath, [COMMAND, 'reap', '--interval', '100ms', '--on-reaped', words])
    const ended = once(reaper, 'exit')
    await shop.until(() => shop.journal().length > 0)
    reaper.kill(signal)
    shop.write('go', '')
    expect(await ended).toEqual([exitCode, null])
    expect(shop.journal()).toEqual(['begin', 'end'])
    expect(await ledger.leases()).toEqual([])
  })

  it('killed in its effect: the next one claims under the same key, waits for the effect that lives on, and repeats it', async () => {
    await using shop = new Shop()
    await using ledger = await shop.open()
    await granted(ledger, { lane: 'job', holder: 'a', ttl: '500ms' })
    await expired(ledger, 'job')
    const words =
      'echo "begin $HOLDFAST_REAP_KEY" >> journal; while [ ! -e go ] && [ -e journal ]; do sleep 0.05; done; echo "end $HOLDFAST_REAP_KEY" >> journal'
    const args = (name: string) => [COMMAND, 'reap', '--interval', '100ms', '--as', name, '--on-reaped', words]
    const first = shop.start(process.execPath, args('R1'))
    await shop.until(() => shop.journal().length === 1)
    first.kill('SIGKILL')
    await once(first, 'exit')
    const second = shop.start(process.execPath, args('R2'))
    await shop.until(async () => (await ledger.leases()).some(({ holder }) => holder === 'R2'))
    const [claimed] = await ledger.leases()
    expect(shop.journal()).toEqual([`begin ${claimed?.claim?.key}`])
    shop.write('go', '')
    await shop.until(async () => (await ledger.leases()).length === 0)
    const ended = once(second, 'exit')
    second.kill('SIGTERM')
    await ended
    const key = claimed?.claim?.key
    expect(shop.journal()).toEqual([`begin ${key}`, `end ${key}`, `begin ${key}`, `end ${key}`])
    expect(key).toBeLessThan(claimed?.token ?? 0)
  })

  it('three at once, one of them killed in an effect: every key ran, and never two effects of one lane at a time', async () => {
    await using shop = new Shop()
    await using ledger = await shop.open()
    const lanes = ['a', 'b', 'c', 'd']
    for (const lane of lanes) await granted(ledger, { lane, holder: 'x', ttl: '600ms' })
    for (const lane of lanes) await expired(ledger, lane)
    const words =
      'mkdir "busy-$HOLDFAST_LANE" || echo overlap >> journal; echo "$HOLDFAST_LANE $HOLDFAST_REAP_KEY" >> journal; sleep 0.3; rmdir "busy-$HOLDFAST_LANE"'
    const reapers = ['R1', 'R2', 'R3'].map(name => {
      return shop.start(process.execPath, [COMMAND, 'reap', '--interval', '100ms', '--as', name, '--on-reaped', words])
    })
    await shop.until(() => shop.journal().length > 0)
    const [victim, ...others] = reapers
    victim?.kill('SIGKILL')
    await shop.until(async () => (await ledger.leases()).length === 0)
    const ended = others.map(other => once(other, 'exit'))
    for (const other of others) other.kill('SIGTERM')
    await Promise.all(ended)
    const ran = shop.journal()
    expect(ran).not.toContain('overlap')
    // One key a lane: whoever took over went on under it.
    expect(new Set(ran.map(line => line.split(' ')[0]))).toEqual(new Set(lanes))
    expect(new Set(ran).size).toBe(lanes.length)
  })
})
