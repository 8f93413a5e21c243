import type { LogEntry } from '@holdfast/core'
import { compactLedger } from '@holdfast/engine/maintenance'
import { StoreError, type LogStore } from '@holdfast/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fleet } from '../engine/harness/fleet.ts'
import { wrapped } from '../store/harness/wrapped-store.ts'
import { settle } from '../setup/virtual-time.ts'
import { key, text, Watched } from './harness.ts'

let fleet: Fleet
beforeEach(() => {
  fleet = new Fleet()
})
afterEach(() => fleet.close())

/** The line of a lane. */
const rowOf = (shown: string, lane: string): string =>
  shown.split('\n').find(line => line.slice(2).startsWith(`${lane} `)) ?? ''

describe('the screen', () => {
  it('shows a lease when it comes, and its verdict when its process is gone', async () => {
    const [ledger, other] = [await fleet.process(), await fleet.process()]
    const watched = new Watched(fleet, ledger)
    expect(await watched.after(100)).toContain('No leases.')
    const process = fleet.newProcess()
    await other.acquire({ lane: 'api', holder: 'agent-7', process, ttl: '60s' })
    expect(rowOf(await watched.after(1000), 'api')).toMatch(/agent-7 +1 .* ADVANCING +it ran for/)
    fleet.die(process)
    expect(rowOf(await watched.after(1500), 'api')).toMatch(/STALLED +the process is gone/)
    watched.end()
  })

  it('says until when, and that a lease is expired', async () => {
    const ledger = await fleet.process()
    await ledger.acquire({ lane: 'api', holder: 'a', ttl: '5s' })
    const watched = new Watched(fleet, ledger)
    watched.size = { columns: 140, rows: 30 }
    expect(rowOf(await watched.after(100), 'api')).toContain('00:16:48Z (in 8s)')
    expect(rowOf(await watched.after(6000), 'api')).toContain('in grace')
    expect(rowOf(await watched.after(4000), 'api')).toContain('expired 2s ago')
    watched.end()
  })

  it('names who waits and behind what, what drains, what is to stop, and counts refusals but no withdrawal', async () => {
    const ledger = await fleet.process()
    await ledger.acquire({ lane: 'api', holder: 'a', ttl: '60s' })
    const ending = new AbortController()
    const waiting = ledger.acquire({ lane: 'api', holder: 'b' }, { wait: '60s', signal: ending.signal })
    await settle()
    await ledger.acquire({ lane: 'docs', holder: 'c', ttl: '60s' })
    await ledger.scavenge({ lane: 'docs', token: 3, force: true, reason: 'stuck' })
    await ledger.halt({ handle: 'op', lane: 'api', reason: 'burns money' })
    const watched = new Watched(fleet, ledger)
    const shown = await watched.after(300)
    expect(shown).toContain('b waits for api since r2, behind api@1 of a (lane-held)')
    expect(shown).toMatch(/draining {2}docs@3 of c, until/)
    expect(shown).toMatch(/halt {2}api@1 was asked to stop .* \(op: burns money\); pending/)
    expect(shown).toContain('1 lease, 1 holder, 1 waiting, 1 refused in the last hour, 1 draining, 1 halt')
    ending.abort()
    await waiting
    expect(await watched.after(300)).toContain('0 waiting, 1 refused in the last hour')
    watched.end()
  })

  it('puts whoever waits for a human first, in every order, and says what for', async () => {
    const ledger = await fleet.process()
    const process = fleet.newProcess()
    await ledger.acquire({ lane: 'a', holder: 'ada', process, ttl: '60s' })
    await ledger.acquire({ lane: 'z', holder: 'zed', ttl: '90s' })
    fleet.die(process)
    const waiting = { for: 'permission', detail: 'rm -rf build\u001B[2J' }
    await ledger.spawn({ lane: 'session', holder: 'zed', ttl: '60s', waiting })
    const watched = new Watched(fleet, ledger)
    expect(await watched.after(1500)).toMatch(/2 leases, 2 holders, 1 waiting for a human, 0 waiting/)
    expect(watched.shown).toContain('waits for a human  zed  permission: rm -rf build\\u{1b}[2J, since')
    for (let orders = 0; orders < 5; orders += 1) {
      const rows = watched.shown.split('\n').flatMap(line => /^[> ] ([az]) /.exec(line)?.slice(1) ?? [])
      expect(rows, watched.shown).toEqual(['z', 'a'])
      expect(rowOf(watched.shown, 'z')).toContain('WAITING')
      await watched.press(text('s'))
    }
    watched.end()
  })

  it('reads back the refusals of the last hour, and forgets those that are older', async () => {
    const ledger = await fleet.process()
    await ledger.acquire({ lane: 'api', holder: 'a', ttl: '60s' })
    await ledger.acquire({ lane: 'api', holder: 'b' })
    await fleet.time.to(50 * 60_000)
    const watched = new Watched(fleet, ledger)
    expect(await watched.after(300)).toContain(' 1 refused in the last hour')
    expect(await watched.after(11 * 60_000)).toContain(' 0 refused in the last hour')
    watched.end()
  })

  it('does not count as none the refusals of the last hour that a compaction has archived', async () => {
    const ledger = await fleet.process()
    await ledger.acquire({ lane: 'api', holder: 'a', ttl: '60s' })
    await ledger.acquire({ lane: 'api', holder: 'b' })
    await ledger.checkpoint()
    await compactLedger(ledger)
    await fleet.time.to(59 * 60_000)
    const watched = new Watched(fleet, ledger)
    expect(await watched.after(300)).toContain(', at least 0 refused in the last hour')
    expect(await watched.after(90_000)).toContain(', 0 refused in the last hour')
    watched.end()
  })

  it('loses no event that comes while the past is read', async () => {
    let during: (() => Promise<unknown>) | null = null
    const other = await fleet.process()
    const ledger = await fleet.process(store =>
      wrapped(store, {
        read: (stream, options) => {
          const entries = store.read(stream, options)
          if (options?.direction !== 'backwards' || during === null) return entries
          const first = during
          during = null
          return (async function* () {
            const read: (readonly LogEntry[])[] = []
            for await (const piece of entries) read.push(piece)
            await first()
            yield* read
          })()
        },
      }),
    )
    during = async () => {
      await other.acquire({ lane: 'early', holder: 'a', ttl: '60s' })
      await other.acquire({ lane: 'early', holder: 'b' })
    }
    const watched = new Watched(fleet, ledger)
    const shown = await watched.after(2000)
    expect(shown).toContain('1 refused in the last hour')
    expect(shown).toMatch(/r1 ACQUIRE early a/)
    watched.end()
  })

  it('looks at most five times a second, however much is recorded', async () => {
    const ledger = await fleet.process()
    const watched = new Watched(fleet, ledger)
    await watched.after(1000)
    const before = watched.looks
    for (let index = 0; index < 100; index += 1) {
      await ledger.acquire({ lane: `lane-${index}`, holder: 'a' })
      await watched.after(20)
    }
    expect(watched.looks - before).toBeGreaterThan(5)
    expect(watched.looks - before).toBeLessThanOrEqual(11)
    watched.end()
  })
})

describe('a store that does not answer', () => {
  const failing = (fails: () => Error | null) => (store: LogStore) =>
    wrapped(store, {
      now: stream => {
        const error = fails()
        return error === null ? store.now(stream) : Promise.reject(error)
      },
    })

  it('is said so, no verdict is told as if it were so now, and the screen goes on when it answers', async () => {
    let error: Error | null = null
    const ledger = await fleet.process(failing(() => error))
    await ledger.acquire({ lane: 'api', holder: 'a', process: ledger.actor, ttl: '60s' })
    const watched = new Watched(fleet, ledger)
    expect(rowOf(await watched.after(500), 'api')).toMatch(/ {2}ADVANCING/)
    error = new StoreError('unavailable', 'The store is away.')
    const shown = await watched.after(7000)
    expect(shown).toMatch(/as of r1, [67]s ago {2}reconnecting: The store is away\./)
    expect(rowOf(shown, 'api')).toMatch(/ {2}was ADVANCING/)
    error = null
    const back = await watched.after(2000)
    expect(back).not.toContain('reconnecting')
    expect(rowOf(back, 'api')).toMatch(/ {2}ADVANCING/)
    watched.end()
  })

  it('is noticed also when it says nothing at all', async () => {
    let silent = false
    const ledger = await fleet.process(store =>
      wrapped(store, { now: stream => (silent ? new Promise(() => {}) : store.now(stream)) }),
    )
    const watched = new Watched(fleet, ledger)
    await watched.after(500)
    silent = true
    expect(await watched.after(6000)).toMatch(/as of r0, \ds ago {2}reconnecting: the store does not answer/)
    watched.end()
  })

  it('ends the screen where no asking helps', async () => {
    const error = new StoreError('corrupt', 'The log is damaged.')
    let isCorrupt = false
    const ledger = await fleet.process(failing(() => (isCorrupt ? error : null)))
    const watched = new Watched(fleet, ledger)
    await watched.after(500)
    isCorrupt = true
    await watched.after(2000)
    expect(watched.ended).toEqual({ error })
    watched.end()
  })
})

it('ends when the ledger continues elsewhere', async () => {
  const ledger = await fleet.process()
  const watched = new Watched(fleet, ledger)
  await watched.after(500)
  await ledger.checkpoint({ movedTo: 'sqlite:elsewhere.db' })
  await watched.after(2000)
  expect(watched.ended?.error).toMatchObject({ code: 'moved' })
  watched.end()
})

describe('h', () => {
  const halts = async (ledger: { refresh: () => Promise<{ counts: { HALT: number } }> }): Promise<number> =>
    (await ledger.refresh()).counts.HALT

  it('asks for a reason, has it confirmed, and shows the answer', async () => {
    const ledger = await fleet.process()
    await ledger.acquire({ lane: 'api', holder: 'agent-7', ttl: '60s' })
    const heard: LogEntry[] = []
    ledger.listen(entries => heard.push(...entries))
    const watched = new Watched(fleet, ledger)
    await watched.after(300)
    await watched.press(text('h'))
    expect(watched.shown).toContain('HALT api@1 of agent-7. Type why')
    await watched.press(key('enter'))
    expect(watched.shown).toContain('A HALT needs a reason.')
    await watched.press(text('burns '), text('money'), key('enter'))
    expect(watched.shown).toContain('with this reason: burns money')
    expect(await halts(ledger)).toBe(0)
    await watched.press(text('y'))
    expect(watched.shown).toContain('the holder of api@1, token 1, is asked to stop')
    const [halt] = heard.flatMap(entry => (entry.type === 'HALT' ? [entry.data] : []))
    expect(halt).toMatchObject({ leaseId: 'api@1', token: 1, reason: 'burns money' })
    watched.end()
  })

  it.each([
    ['Escape', [text('h'), text('x'), key('escape')]],
    ['any other key than y', [text('h'), text('x'), key('enter'), text('n')]],
    ['Enter', [text('h'), text('x'), key('enter'), key('enter')]],
    ['what was pasted', [text('h'), text('x'), key('enter'), text('yes')]],
    ['a pasted line', [text('hx\ry')]],
    ['a pasted line, and Enter before it', [text('\r'), text('q'), text('h'), text('x\r\ry'), text('y')]],
  ])('%s records nothing', async (_name, keys) => {
    const ledger = await fleet.process()
    await ledger.acquire({ lane: 'api', holder: 'a', ttl: '60s' })
    const watched = new Watched(fleet, ledger)
    await watched.after(300)
    await watched.press(...keys)
    expect(await halts(ledger)).toBe(0)
    watched.end()
  })

  it('does not reach whoever has the lease by now', async () => {
    const ledger = await fleet.process()
    await ledger.acquire({ lane: 'api', holder: 'a', ttl: '60s' })
    const watched = new Watched(fleet, ledger)
    await watched.after(300)
    await watched.press(text('h'), text('x'), key('enter'))
    await ledger.adopt({ lane: 'api', expectToken: 1, newHolder: 'b', force: true })
    await watched.press(text('y'))
    expect(watched.shown).toContain('Nothing was recorded: a has api@1 at token 1 no more.')
    expect(await halts(ledger)).toBe(0)
    watched.end()
  })
})

describe('keys', () => {
  it('sort, choose, filter, and lead to why, help and the end', async () => {
    const ledger = await fleet.process()
    const process = fleet.newProcess()
    await ledger.acquire({ lane: 'a1', holder: 'zed', ttl: '60s' })
    await ledger.acquire({ lane: 'b2', holder: 'amy', process, ttl: '30s' })
    fleet.die(process)
    const watched = new Watched(fleet, ledger)
    await watched.after(1500)
    const order = (): string[] => watched.shown.split('\n').flatMap(line => /^[> ] (a1|b2) /.exec(line)?.slice(1) ?? [])
    expect(order()).toEqual(['a1', 'b2'])
    await watched.press(text('s'))
    expect(watched.shown).toContain('sorted by verdict')
    expect(order()).toEqual(['b2', 'a1'])
    await watched.press(text('s'))
    expect(order()).toEqual(['b2', 'a1'])
    await watched.press(text('j'))
    expect(watched.shown).toMatch(/^> a1/m)
    await watched.press(key('enter'))
    expect(watched.shown).toContain('because of a1@1')
    await watched.press(key('escape'), text('/'), text('AM'))
    expect(order()).toEqual(['b2'])
    expect(watched.shown).toContain('1 of 2 leases')
    await watched.press(key('enter'), text('?'))
    expect(watched.shown).toContain('ask the holder to stop')
    await watched.press(text('q'))
    expect(watched.ended).toBe(null)
    expect(order()).toEqual(['b2'])
    await watched.press(key('escape'))
    expect(order()).toEqual(['b2', 'a1'])
    // Several keys at once, as from a slow line.
    await watched.press(text('/AM\rh'))
    expect(order()).toEqual(['b2'])
    expect(watched.shown).toContain('HALT b2@2 of amy. Type why')
    await watched.press(key('escape'), text('q'))
    expect(watched.ended).toEqual({ error: undefined })
    watched.end()
  })

  it('leave the leases of others out where one holder is asked for', async () => {
    const ledger = await fleet.process()
    await ledger.acquire({ lane: 'a1', holder: 'zed', ttl: '60s' })
    await ledger.acquire({ lane: 'b2', holder: 'amy', ttl: '60s' })
    const watched = new Watched(fleet, ledger, { holder: 'amy' })
    const shown = await watched.after(300)
    expect(rowOf(shown, 'a1')).toBe('')
    expect(rowOf(shown, 'b2')).not.toBe('')
    expect(shown).toContain('of amy only')
    watched.end()
  })
})
