import { decide, fork, type Lease } from '@holdfast/core'
import { TICKETS_MAX } from '@holdfast/core/internal'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { acquire, acquireAll, release, withdraw } from './harness/commands.ts'
import { CoreLedger, type Deciding } from './harness/core-ledger.ts'
import { expectOutcome, granted, refused } from './harness/outcomes.ts'
import { expectCaught, runs } from './harness/properties.ts'
import { LANES, REGIONS, RICH } from './harness/steps.ts'

const claims = fc.record({
  lane: fc.constantFrom(...LANES),
  region: fc.constantFrom(...REGIONS),
  mode: fc.constantFrom('exclusive', 'shared', 'shared'),
  kind: fc.constantFrom(undefined, 'big'),
})
type Claim = typeof claims extends fc.Arbitrary<infer C> ? C : never

/** Longest that anybody holds on to a lease here. */
const HOLD_MS_MAX = 6
const WAITERS_MAX = 5

interface Crowd {
  readonly waiters: readonly Claim[]
  /** One that comes at each instant, asks once, and holds what it gets for a while. */
  readonly passers: readonly (readonly [Claim, number])[]
}

const crowds: fc.Arbitrary<Crowd> = fc.record({
  waiters: fc.array(claims, { minLength: 1, maxLength: WAITERS_MAX }),
  passers: fc.array(fc.tuple(claims, fc.integer({ min: 1, max: HOLD_MS_MAX })), { minLength: 10, maxLength: 40 }),
})

function ask(ledger: CoreLedger, holder: string, claim: Claim, waits: boolean) {
  const { lane, region, mode, kind } = claim
  const options = waits ? { requestId: 'w', wait: true } : {}
  return ledger.run(acquire(lane, holder, { region, mode, ...(kind === undefined ? {} : { kind }), ...options }))
}

/** Plays a crowd in which everybody gives back what it has; answers whom nobody served. */
function unserved({ waiters, passers }: Crowd, deciding: Deciding): readonly number[] {
  const ledger = new CoreLedger({ config: RICH, decide: deciding })
  const waiting = new Set(waiters.keys())
  let held: { readonly lease: Lease; readonly untilMs: number }[] = []
  const hold = (lease: Lease, forMs: number) => held.push({ lease, untilMs: ledger.nowMs + forMs })
  const endMs = 10 + (HOLD_MS_MAX + 1) * (waiters.length + 1)
  for (let ms = 0; ms <= endMs; ms += 1) {
    ledger.at(ms)
    for (const { lease, untilMs } of held) if (untilMs <= ms) ledger.run(release(lease))
    held = held.filter(({ untilMs }) => untilMs > ms)
    // Passers come first at each instant: whoever waits must not need luck. They come before anybody waits, too.
    const [passer, forMs] = passers[ms % passers.length] ?? [undefined, 0]
    const passed = passer === undefined ? undefined : ask(ledger, `P${ms}`, passer, false)
    if (passed?.outcome === 'granted') hold(passed.lease, forMs)
    if (ms < 10) continue
    for (const index of waiting) {
      const claim = waiters[index]
      const answer = claim === undefined ? undefined : ask(ledger, `W${index}`, claim, true)
      if (answer?.outcome !== 'granted') continue
      hold(answer.lease, HOLD_MS_MAX)
      waiting.delete(index)
    }
  }
  return [...waiting]
}

const served = (deciding: Deciding) =>
  fc.property(crowds, crowd => {
    const left = unserved(crowd, deciding)
    if (left.length > 0) throw new Error(`never served: ${left.join()}`)
  })

const withoutTickets: Deciding = (state, command, around) => {
  const blind = fork(state)
  for (const [key] of state.tickets.live(around.nowMs)) blind.tickets.delete(key)
  return decide(command.type === 'acquire' ? blind : state, command, around)
}

describe('waiting is fair', () => {
  test('where every lease of others ends, nobody who keeps asking waits for ever', () => {
    fc.assert(served(decide), runs(250))
  })

  test('mutant: a decider that sees no line starves somebody', () => {
    expectCaught(served(withoutTickets))
  })

  test('a refresh keeps the place, and before half the TTL it appends nothing', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A', { ttlMs: 20 })))
    const asks = () => refused(ledger.run(acquire('x', 'B', { requestId: 'w', wait: true })))
    const first = asks()
    expect(first).toMatchObject({ coalesced: false, ticket: { refreshAtMs: 5, untilMs: 10 } })
    ledger.at(4)
    expect(asks()).toMatchObject({ coalesced: true, refusalId: first.refusalId, ticket: { untilMs: 10 } })
    ledger.at(5)
    const { refusalId, ticket, coalesced } = asks()
    expect(coalesced).toBe(false)
    expect(refusalId).not.toBe(first.refusalId)
    expect(ticket).toMatchObject({ place: first.ticket?.place, untilMs: 15, refreshAtMs: 10 })
  })

  test('a place that was not refreshed is lost at its TTL, and the next in line moves up', () => {
    const ledger = new CoreLedger()
    const held = granted(ledger.run(acquire('x', 'A')))
    const asks = (holder: string) => ledger.run(acquire('x', holder, { requestId: 'w', wait: true }))
    const b = refused(asks('B'))
    ledger.at(1)
    refused(asks('C'))
    ledger.run(release(held))
    expect(refused(ledger.at(9).run(acquire('x', 'D')))).toMatchObject({ code: 'queued-behind', earliestRetryAt: 11 })
    granted(ledger.at(10).run(acquire('x', 'C', { requestId: 'w', wait: true })))
    expect(refused(asks('B')).ticket?.place).toBeGreaterThan(b.ticket?.place ?? 0)
  })

  test('who withdraws holds nobody back, and a second withdrawal finds nothing', () => {
    const ledger = new CoreLedger()
    const held = granted(ledger.run(acquire('x', 'A')))
    refused(ledger.run(acquire('x', 'B', { requestId: 'w', wait: true, region: ['src'], mode: 'shared' })))
    ledger.run(release(held))
    expect(refused(ledger.run(acquire('x', 'C'))).code).toBe('queued-behind')
    expect(ledger.run(withdraw('C', 'w'))).toEqual({ outcome: 'withdrawn', found: false })
    expect(ledger.run(withdraw('B', 'w'))).toEqual({ outcome: 'withdrawn', found: true })
    const claims = [{ lane: 'x', region: ['src'], mode: 'shared', kind: null }]
    expect(ledger.log.at(-1)).toMatchObject({ data: { code: 'withdrawn', request: { holder: 'B', claims } } })
    expect(ledger.run(withdraw('B', 'w'))).toEqual({ outcome: 'withdrawn', found: false })
    granted(ledger.run(acquire('x', 'C')))
  })

  test('the same id for something else starts at the end of the line', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A')))
    granted(ledger.run(acquire('y', 'A')))
    const first = refused(ledger.run(acquire('x', 'B', { requestId: 'w', wait: true })))
    const other = refused(ledger.run(acquire('y', 'B', { requestId: 'w', wait: true })))
    expect(other.ticket?.place).toBeGreaterThan(first.ticket?.place ?? 0)
    expect([...ledger.state.tickets.live(0)]).toHaveLength(1)
  })

  test('waiting for oneself takes no place: an own lease, an own ticket, an own share of a budget', () => {
    const ledger = new CoreLedger({ config: { kinds: { big: { budget: 1 } } } })
    granted(ledger.run(acquire('x', 'A', { kind: 'big' })))
    const waits = { requestId: 'w', wait: true }
    expect(refused(ledger.run(acquire('x', 'A', waits)))).toMatchObject({ code: 'held-by-self' })
    expect(refused(ledger.run(acquire('y', 'A', { ...waits, kind: 'big' })))).toMatchObject({ code: 'held-by-self' })
    expect([...ledger.state.tickets.live(0)]).toEqual([])
    refused(ledger.run(acquire('x', 'B', waits)))
    const again = refused(ledger.run(acquire('x', 'B', { requestId: 'other', wait: true })))
    expect(again.ticket).toBeUndefined()
  })

  test('anyOf and allOf hold no place', () => {
    const ledger = new CoreLedger()
    granted(ledger.run(acquire('x', 'A')))
    const options = { requestId: 'w', wait: true }
    expect(refused(ledger.run(acquireAll('any', [{ lane: 'x' }], 'B', options))).ticket).toBeUndefined()
    expect(refused(ledger.run(acquireAll('all', [{ lane: 'x' }], 'B', options))).ticket).toBeUndefined()
  })

  test('anyOf and allOf overtake nobody who waits', () => {
    const ledger = new CoreLedger()
    const held = granted(ledger.run(acquire('x', 'A')))
    refused(ledger.run(acquire('x', 'W', { requestId: 'w', wait: true })))
    ledger.run(release(held))
    for (const policy of ['any', 'all'] as const) {
      const answer = refused(ledger.run(acquireAll(policy, [{ lane: 'x' }], 'B')))
      expect(answer).toMatchObject({ code: 'queued-behind', blockers: [{ holder: 'W', code: 'queued-behind' }] })
    }
    const [lane] = expectOutcome(ledger.run(acquireAll('any', [{ lane: 'x' }, { lane: 'y' }], 'B')), 'granted').leases
    expect(lane?.lane).toBe('y')
    granted(ledger.run(acquire('x', 'W', { requestId: 'w', wait: true })))
  })

  test('past the most open tickets a request is refused without one; who has one keeps it', () => {
    const ledger = new CoreLedger()
    const held = granted(ledger.run(acquire('x', 'A')))
    const asks = (holder: string) => refused(ledger.run(acquire('x', holder, { requestId: 'w', wait: true })))
    for (let index = 0; index < TICKETS_MAX; index += 1) asks(`W${index}`)
    expect(asks('late')).toMatchObject({ code: 'queue-full' })
    ledger.at(5)
    expect(asks('W0')).toMatchObject({ code: 'lane-held', coalesced: false })
    ledger.run(release(held))
    expectOutcome(ledger.run(acquire('x', 'W0', { requestId: 'w', wait: true })), 'granted')
    expect(asks('late').ticket).toBeDefined()
  })
})
