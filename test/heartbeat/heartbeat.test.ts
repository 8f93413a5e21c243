import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  beats$,
  callbackSink,
  fileSink,
  Heartbeat,
  HeartbeatError,
  heartbeatPolicy,
  InputError,
  isAlive,
  leaseSink,
  LeaseLostError,
  openLedger,
  readBeat,
  thisProcess,
} from '@holdfast/engine'
import { systemFiles, type BeatFiles } from '@holdfast/engine/internal'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { VirtualTime } from '../setup/virtual-time.ts'
import { beating, gate } from './beating.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-beat-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a state file (heartbeat, feature 1)', () => {
  test('the file holds timestamp, pid, hostname and metadata, beside schema and process identity', async () => {
    const path = join(folder, 'deep', 'er', 'bot.heartbeat')
    const heartbeat = new Heartbeat({ sink: fileSink(path), metadata: { role: 'bot' }, wallMs: () => 1_000 })
    await heartbeat.beat()
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      schema: 'holdfast.beat/1',
      timestamp: '1970-01-01T00:00:01.000Z',
      pid: process.pid,
      hostname: hostname(),
      metadata: { role: 'bot' },
      process: thisProcess(),
    })
    expect(await readdir(join(folder, 'deep', 'er'))).toEqual(['bot.heartbeat'])
  })

  test('with fsync the beat is written just the same', async () => {
    const path = join(folder, 'bot.heartbeat')
    await new Heartbeat({ sink: fileSink(path, { fsync: true }) }).beat()
    expect(await readBeat(path)).toMatchObject({ outcome: 'read', beat: { format: 'holdfast', pid: process.pid } })
  })

  const storm = async (files: BeatFiles): Promise<number> => {
    const path = join(folder, 'shared.heartbeat')
    const writers = Array.from({ length: 8 }, (_, writer) => {
      const metadata = { writer, filler: 'x'.repeat(writer * 1000) }
      return new Heartbeat({ sink: fileSink(path, { files }), metadata })
    })
    let faults = 0
    for (let round = 0; round < 40; round += 1) {
      const results = await Promise.allSettled([...writers.map(writer => writer.beat()), readBeat(path)])
      for (const result of results) {
        if (result.status === 'rejected') faults += 1
        else if ('outcome' in result.value && result.value.outcome === 'unread') {
          if (result.value.reason !== 'missing') faults += 1
        }
      }
    }
    return faults
  }

  test('two writers never share a temporary name: eight on one file never fail and never show half a beat', async () => {
    expect(await storm(systemFiles)).toBe(0)
    expect(await readdir(folder)).toEqual(['shared.heartbeat'])
  })

  test('mutant: one temporary name for all writers is found', async () => {
    const shared: BeatFiles = {
      ...systemFiles,
      async replace(path, text) {
        await writeFile(`${path}.tmp`, text)
        if (!(await systemFiles.move(`${path}.tmp`, path))) throw new Error('somebody else moved it')
      },
    }
    expect(await storm(shared)).toBeGreaterThan(0)
  })

  test('a beat that no reader would accept is refused', async () => {
    const heartbeat = new Heartbeat({ sink: fileSink(join(folder, 'big')), metadata: { big: 'x'.repeat(70_000) } })
    await expect(heartbeat.beat()).rejects.toMatchObject({ code: 'beat-too-large' })
    expect(await readdir(folder)).toEqual([])
  })

  test('a beat that cannot be written leaves nothing behind', async () => {
    await mkdir(join(folder, 'taken'))
    await expect(new Heartbeat({ sink: fileSink(join(folder, 'taken')) }).beat()).rejects.toMatchObject({
      code: 'beat-failed',
    })
    expect(await readdir(folder)).toEqual(['taken'])
  })
})

describe('the interval (heartbeat, feature 2)', () => {
  test.each([
    [undefined, 10_000, null],
    ['1s', 1000, null],
    ['5m', 300_000, null],
    [0, 1000, 'min'],
    ['999ms', 1000, 'min'],
    ['1h', 300_000, 'max'],
  ] as const)('%s becomes %d ms and says whether it was clamped', (interval, intervalMs, limit) => {
    const policy = heartbeatPolicy({ interval })
    expect(policy.intervalMs).toBe(intervalMs)
    expect(policy.clamped?.limit ?? null).toBe(limit)
  })

  test('the clamp tells people what happened', () => {
    expect(heartbeatPolicy({ interval: '1h' }).clamped?.message).toBe('interval 1h became 5min, the longest allowed')
  })

  test('an interval above half of the TTL is refused, whoever names the TTL', async () => {
    expect(() => heartbeatPolicy({ interval: '10s', ttl: '19s' })).toThrow(InputError)
    expect(heartbeatPolicy({ interval: '10s', ttl: '20s' }).intervalMs).toBe(10_000)
    const sink = { name: 'short', ttlMs: 1999, write: () => {} }
    expect(() => new Heartbeat({ sink, policy: heartbeatPolicy({ interval: '1s' }) })).toThrow(/at most half/)
  })

  test.each([-1, 'soon', Number.NaN])('an interval of %s is refused', interval => {
    expect(() => heartbeatPolicy({ interval })).toThrow(InputError)
  })
})

describe('start and stop (heartbeat, feature 3)', () => {
  test('it beats at once and then once an interval', async () => {
    const { time, written, heartbeat } = beating()
    heartbeat.start()
    await time.to(3500)
    expect(written.map(({ atMs }) => atMs - 1_000_000)).toEqual([0, 1000, 2000, 3000])
  })

  test('a second start is an error; stop is idempotent; it may start again', async () => {
    const { time, written, heartbeat } = beating()
    expect(heartbeat.start().isRunning).toBe(true)
    expect(() => heartbeat.start()).toThrow(expect.objectContaining({ code: 'already-running' }))
    expect(await heartbeat.stop()).toEqual({ outcome: 'stopped', unfinished: [] })
    expect(await heartbeat.stop()).toEqual({ outcome: 'not-running', unfinished: [] })
    expect(heartbeat.isShutdown).toBe(false)
    heartbeat.start()
    await time.to(500)
    expect(written).toHaveLength(2)
  })

  test('stop joins: it waits for the beat that is being written, and none follows', async () => {
    const written = gate()
    let beats = 0
    const sink = callbackSink(() => {
      beats += 1
      return written.opened
    })
    const { time, heartbeat } = beating({ sink })
    heartbeat.start()
    await time.to(100)
    let joined = false
    const stopping = heartbeat.stop().then(report => {
      joined = true
      return report
    })
    await time.to(1000)
    expect(joined).toBe(false)
    written.open()
    expect(await stopping).toEqual({ outcome: 'stopped', unfinished: [] })
    await time.to(60_000)
    expect(beats).toBe(1)
  })

  test('stop gives up on a sink that hangs after an interval and a second, and names it', async () => {
    const { time, heartbeat } = beating({ sink: callbackSink(() => new Promise<void>(() => {})) })
    heartbeat.start()
    const stopping = heartbeat.stop()
    await time.to(2000)
    expect(await stopping).toEqual({ outcome: 'stopped', unfinished: ['beat'] })
  })

  test('shutdown sets the flag and ends it for good', async () => {
    const { heartbeat } = beating()
    heartbeat.start()
    await heartbeat.shutdown()
    expect([heartbeat.isShutdown, heartbeat.isRunning]).toEqual([true, false])
    expect(() => heartbeat.start()).toThrow(expect.objectContaining({ code: 'shut-down' }))
  })

  test('using and await using end it with the block', async () => {
    const { time, written, heartbeat } = beating()
    {
      await using running = heartbeat.start()
      expect(running.isRunning).toBe(true)
    }
    expect(heartbeat.isRunning).toBe(false)
    const other = beating()
    {
      using running = other.heartbeat.start()
      expect(running.isRunning).toBe(true)
    }
    await time.to(5000)
    await other.time.to(5000)
    expect([written.length, other.written.length]).toEqual([1, 1])
  })

  test('an aborted signal shuts it down, before and after the start', async () => {
    const abort = new AbortController()
    const { time, written, heartbeat } = beating({ signal: abort.signal })
    heartbeat.start()
    abort.abort(new Error('enough'))
    await time.to(5000)
    expect([written.length, heartbeat.isShutdown]).toEqual([1, true])
    const late = beating({ signal: abort.signal }).heartbeat
    expect(late.isShutdown).toBe(true)
    const cause: unknown = abort.signal.reason
    expect(() => late.start()).toThrow(expect.objectContaining({ code: 'shut-down', cause }))
  })

  test('beats$ gives every beat and every miss, and completes at shutdown', async () => {
    let broken = false
    const sink = callbackSink(() => {
      if (broken) throw new Error('disk full')
    })
    const { time, heartbeat } = beating({ sink })
    const seen: string[] = []
    beats$(heartbeat).subscribe({ next: ({ outcome }) => seen.push(outcome), complete: () => seen.push('complete') })
    heartbeat.start()
    await time.to(1500)
    broken = true
    await time.to(2500)
    await heartbeat.stop()
    expect(seen).toEqual(['beaten', 'beaten', 'missed'])
    await heartbeat.shutdown()
    expect(seen.at(-1)).toBe('complete')
    const later: string[] = []
    beats$(heartbeat).subscribe({ complete: () => later.push('complete') })
    expect(later).toEqual(['complete'])
  })
})

describe('a beat by hand (heartbeat, feature 4)', () => {
  test('it writes at once, running or not, and calls no callback', async () => {
    const called: string[] = []
    const { written, heartbeat } = beating({ onBeat: () => void called.push('onBeat') })
    expect((await heartbeat.beat()).pid).toBe(process.pid)
    expect([written.length, called.length, heartbeat.stats.beats]).toEqual([1, 0, 1])
  })

  test('a sink that refuses rejects it, with the reason as cause', async () => {
    const cause = new Error('disk full')
    const { heartbeat } = beating({ sink: callbackSink(() => Promise.reject(cause)) })
    await expect(heartbeat.beat()).rejects.toMatchObject({ code: 'beat-failed', cause })
    expect(heartbeat.stats).toMatchObject({ beats: 0, missed: 1, missedInARow: 1 })
  })

  test('a hundred at once are two writes: the one that runs and the one after it', async () => {
    let writes = 0
    let inside = 0
    const sink = callbackSink(async () => {
      writes += 1
      inside += 1
      expect(inside).toBe(1)
      await Promise.resolve()
      inside -= 1
    })
    const { heartbeat } = beating({ sink })
    await Promise.all(Array.from({ length: 100 }, () => heartbeat.beat()))
    expect(writes).toBe(2)
  })
})

describe('five callbacks (heartbeat, feature 5)', () => {
  test('onBeat follows each beat, onMissedBeat each miss with its error', async () => {
    const seen: string[] = []
    let broken = false
    const { time, heartbeat } = beating({
      sink: callbackSink(() => (broken ? Promise.reject(new Error('disk full')) : undefined)),
      onBeat: ({ atMs }) => void seen.push(`beat ${atMs - 1_000_000}`),
      onMissedBeat: async ({ code }) => {
        await Promise.resolve()
        seen.push(code)
      },
    })
    heartbeat.start()
    await time.to(500)
    broken = true
    await time.to(1500)
    broken = false
    await time.to(2500)
    expect(seen).toEqual(['beat 0', 'beat-failed', 'beat 2000'])
    expect(heartbeat.stats).toMatchObject({ beats: 2, missed: 1, missedInARow: 0, lastMiss: { code: 'beat-failed' } })
  })

  test('a dead target is alerted and told at each look, sync or async', async () => {
    for (const isDead of [() => true, () => Promise.resolve(true)]) {
      const alerts: unknown[] = []
      let recoveries = 0
      const { time, heartbeat } = beating({
        target: { isDead },
        onAlert: (...alert) => void alerts.push(alert),
        onTargetDead: () => void (recoveries += 1),
      })
      heartbeat.start()
      await time.to(1500)
      expect(recoveries).toBe(2)
      expect(alerts).toEqual(
        [1, 2].map(deadLooks => [
          'heartbeat',
          'the watched target is dead',
          { sink: 'callback', target: 'Object', deadLooks },
        ]),
      )
    }
  })

  test('a target that recovers is left alone', async () => {
    let dead = true
    const { time, heartbeat } = beating({ target: { isDead: () => dead }, onTargetDead: () => void (dead = false) })
    heartbeat.start()
    await time.to(3500)
    expect(heartbeat.stats.callbacks.onTargetDead.calls).toBe(1)
    expect(heartbeat.stats.deadLooks).toBe(0)
  })

  const fail = (): never => {
    throw new Error('callback')
  }

  test.each([
    ['sync', fail],
    ['async', () => Promise.reject(new Error('callback'))],
  ] as const)('a failing callback (%s) never stops the loop, and each failure is counted', async (_, failing) => {
    let broken = false
    const { time, heartbeat } = beating({
      sink: callbackSink(() => (broken ? fail() : undefined)),
      target: { isDead: () => true },
      onBeat: failing,
      onMissedBeat: failing,
      onAlert: failing,
      onTargetDead: failing,
    })
    heartbeat.start()
    await time.to(1500)
    broken = true
    await time.to(3500)
    const { callbacks, beats, missed } = heartbeat.stats
    expect([beats, missed]).toEqual([2, 2])
    expect(callbacks.onBeat).toMatchObject({ calls: 2, failures: 2, lastError: { message: 'callback' } })
    expect(callbacks.onMissedBeat.failures).toBe(2)
    expect(callbacks.onAlert.failures).toBe(4)
    expect(callbacks.onTargetDead.failures).toBe(4)
  })

  test('a look that throws is a failure, and no death', async () => {
    const { time, written, heartbeat } = beating({ target: { isDead: fail } })
    heartbeat.start()
    await time.to(2500)
    const { isDead, onTargetDead } = heartbeat.stats.callbacks
    expect([written.length, isDead.failures, onTargetDead.calls]).toEqual([3, 3, 0])
  })

  test('async callbacks never overlap, delay no beat, and of the calls that pile up the newest is kept', async () => {
    let inside = 0
    const seen: number[] = []
    const first = gate()
    const { time, written, heartbeat } = beating({
      onBeat: async ({ atMs }) => {
        inside += 1
        expect(inside).toBe(1)
        seen.push(atMs - 1_000_000)
        if (seen.length === 1) await first.opened
        inside -= 1
      },
    })
    heartbeat.start()
    await time.to(4500)
    expect([written.length, seen.length, heartbeat.stats.callbacks.onBeat.running]).toEqual([5, 1, true])
    first.open()
    await time.to(4600)
    expect(seen).toEqual([0, 4000])
    expect(heartbeat.stats.callbacks.onBeat).toMatchObject({ calls: 2, replaced: 3, failures: 0 })
  })

  test('a callback that never ends stops neither the beats nor the other callbacks', async () => {
    const { time, written, heartbeat } = beating({
      target: { isDead: () => true },
      onBeat: () => new Promise(() => {}),
    })
    heartbeat.start()
    await time.to(3500)
    expect([written.length, heartbeat.stats.callbacks.onTargetDead.calls]).toEqual([4, 4])
  })

  test('a sink that hangs is a missed beat each interval, not a silent loop', async () => {
    const codes: string[] = []
    const { time, heartbeat } = beating({
      sink: callbackSink(() => new Promise(() => {})),
      onMissedBeat: ({ code }) => void codes.push(code),
    })
    heartbeat.start()
    await time.to(2500)
    expect(codes).toEqual(['sink-busy', 'sink-busy'])
  })

  test('a callback may stop the heartbeat and wait for it', async () => {
    const reports: unknown[] = []
    const { time, written, heartbeat } = beating({
      target: { isDead: () => true },
      onTargetDead: async () => void reports.push(await heartbeat.stop()),
    })
    heartbeat.start()
    await time.to(10)
    expect(reports).toEqual([{ outcome: 'stopped', unfinished: [] }])
    await time.to(10_000)
    expect(written).toHaveLength(1)
  })

  test('after a blocked event loop one beat follows, not one for each that was missed', async () => {
    const { time, written, heartbeat } = beating()
    heartbeat.start()
    await time.to(1500)
    time.jumpTo(60_500)
    await time.to(60_600)
    expect(written.map(({ atMs }) => atMs - 1_000_000)).toEqual([0, 1000, 60_500])
  })

  test('metadata is asked for each time, and its failure is a missed beat', async () => {
    let count = 0
    const { time, written, heartbeat } = beating({
      metadata: () => {
        count += 1
        return count === 2 ? fail() : { count }
      },
    })
    heartbeat.start()
    await time.to(2500)
    expect(written.map(({ metadata }) => metadata)).toEqual([{ count: 1 }, { count: 3 }])
    expect(heartbeat.stats.missed).toBe(1)
  })
})

describe('without a file (heartbeat, feature 6)', () => {
  test('beats go to a callback', async () => {
    const { time, written, heartbeat } = beating({ metadata: { role: 'bot' } })
    heartbeat.start()
    await time.to(10)
    expect(written).toEqual([
      {
        atMs: 1_000_000,
        pid: process.pid,
        hostname: hostname(),
        metadata: { role: 'bot' },
        process: thisProcess(),
      },
    ])
  })

  test('beats go to a lease as HEARTBEAT events, and are missed once it is lost', async () => {
    await using ledger = await openLedger('memory:', { actor: thisProcess() })
    const held = await ledger.hold({ lane: 'api', holder: 'bot', ttl: '30s' })
    if (held.outcome !== 'granted') throw new Error(held.outcome)
    const heartbeat = new Heartbeat({ sink: leaseSink(held.lease), metadata: { step: 3 } })
    await heartbeat.beat()
    expect(held.lease.lease.metadata).toEqual({ step: 3 })
    await held.lease.release()
    const missed = await heartbeat.beat().catch((error: unknown) => error)
    expect(missed).toBeInstanceOf(HeartbeatError)
    expect(missed).toMatchObject({ code: 'beat-failed' })
    expect(missed instanceof HeartbeatError ? missed.cause : null).toBeInstanceOf(LeaseLostError)
    const slow = heartbeatPolicy({ interval: '20s' })
    expect(() => new Heartbeat({ sink: leaseSink(held.lease), policy: slow })).toThrow(InputError)
  })
})

describe('readBeat and isAlive (heartbeat, feature 7)', () => {
  const NOW_MS = Date.UTC(2026, 0, 12, 10, 0, 0)
  const state = (timestamp: string): string =>
    JSON.stringify({ timestamp, pid: 1234, hostname: 'myhost', metadata: { a: 1 } }, null, 2)
  const look = async (text: string): ReturnType<typeof isAlive> => {
    const path = join(folder, 'bot.heartbeat')
    await writeFile(path, text)
    return isAlive(path, { wallMs: () => NOW_MS })
  }

  test('a plain state file of an older tool is read as it is', async () => {
    const path = join(folder, 'bot.heartbeat')
    await writeFile(path, state('2026-01-12T10:00:00+00:00'))
    expect(await readBeat(path)).toEqual({
      outcome: 'read',
      beat: {
        format: 'state',
        atMs: NOW_MS,
        pid: 1234,
        hostname: 'myhost',
        metadata: { a: 1 },
        process: null,
        uuid: null,
        startedAtMs: null,
        version: null,
      },
    })
  })

  test.each([
    ['2026-01-12T10:00:00+00:00', true, 'recent', 0],
    ['2026-01-12T09:59:30Z', true, 'recent', 30_000],
    ['2026-01-12T09:59:30', true, 'recent', 30_000],
    ['2026-01-12T11:59:59.123456+02:00', true, 'recent', 877],
    ['2026-01-12T09:59:29.999+00:00', false, 'old', 30_001],
    ['2026-01-12T10:00:00.001+00:00', false, 'in-future', -1],
    ['2026-02-30T10:00:00Z', false, 'invalid', null],
    ['yesterday', false, 'invalid', null],
  ] as const)('a beat of %s: alive %s (%s)', async (timestamp, alive, basis, ageMs) => {
    expect(await look(state(timestamp))).toMatchObject({ alive, basis, ageMs })
  })

  test.each([
    ['', 'torn'],
    [state('2026-01-12T10:00:00Z').slice(0, -3), 'torn'],
    ['[]', 'invalid'],
    ['{"pid": 1}', 'invalid'],
    ['{"timestamp": 5, "pid": 1, "hostname": "h"}', 'invalid'],
    ['{"schema": "holdfast.beat/2"}', 'newer-schema'],
    [`"${'x'.repeat(70_000)}"`, 'unusable'],
  ] as const)('%j is not alive: %s', async (text, basis) => {
    const answer = await look(text)
    expect(answer).toMatchObject({ alive: false, basis, ageMs: null, beat: null })
    expect(answer.reason).not.toBe('')
  })

  test('a missing file and a folder are answers, not exceptions', async () => {
    expect(await isAlive(join(folder, 'none'))).toMatchObject({ alive: false, basis: 'missing' })
    expect(await readBeat(folder)).toMatchObject({ outcome: 'unread', reason: 'unusable' })
  })

  test('what a heartbeat wrote is alive for 30 s, by default', async () => {
    const time = new VirtualTime()
    const path = join(folder, 'bot.heartbeat')
    await new Heartbeat({ sink: fileSink(path), wallMs: time.wall }).beat()
    time.jumpTo(30_000)
    expect(await isAlive(path, { wallMs: time.wall })).toMatchObject({ alive: true, ageMs: 30_000 })
    time.jumpTo(30_001)
    expect(await isAlive(path, { wallMs: time.wall })).toMatchObject({ alive: false, basis: 'old' })
    expect(await isAlive(path, { wallMs: time.wall, maxAge: '1m' })).toMatchObject({ alive: true })
  })
})
