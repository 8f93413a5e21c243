import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Fleet } from './harness/fleet.ts'

// Two holders beat at the same instants, one with coalescing and one without. What the log shows of them may differ by
// the window and never more; and a holder that takes only confirmed beats for its deadline never believes for longer
// than the log does.

const TTL_MS = 9000
const WINDOW_MS = TTL_MS / 3

const beatTimes = fc.array(fc.integer({ min: 50, max: 4000 }), { minLength: 3, maxLength: 14 })

async function play(spans: readonly number[]) {
  const fleet = new Fleet()
  const ledger = await fleet.process()
  const tokens = new Map<string, number>()
  for (const lane of ['plain', 'coalesced']) {
    const granted = await ledger.acquire({ lane, holder: 'A' })
    if (granted.outcome !== 'granted') throw new Error(granted.outcome)
    tokens.set(lane, granted.lease.token)
  }
  let deadlineMs = fleet.time.wall() + TTL_MS
  const shown: { plain: number; coalesced: number; deadlineMs: number }[] = []
  for (const spanMs of spans) {
    await fleet.time.to(fleet.time.nowMs + spanMs)
    for (const lane of ['plain', 'coalesced']) {
      const coalesceWithin = lane === 'coalesced' ? TTL_MS : undefined
      const beaten = await ledger.heartbeat({ lane, holder: 'A', token: tokens.get(lane) ?? -1, coalesceWithin })
      if (beaten.outcome !== 'beaten') throw new Error(beaten.outcome)
      // A coalesced beat confirms nothing and moves nothing.
      if (lane === 'coalesced' && !beaten.coalesced) deadlineMs = fleet.time.wall() + TTL_MS
    }
    const leases = await ledger.leases()
    const safeUntil = (lane: string) => leases.find(lease => lease.lane === lane)?.safeUntilMs ?? Number.NaN
    shown.push({ plain: safeUntil('plain'), coalesced: safeUntil('coalesced'), deadlineMs })
  }
  const { counts } = await ledger.refresh()
  await fleet.close()
  return { shown, beats: counts.HEARTBEAT }
}

it('with and without coalescing, what the log shows differs by less than the window, and never towards a double hold', async () => {
  await fc.assert(
    fc.asyncProperty(beatTimes, async spans => {
      const { shown } = await play(spans)
      for (const { plain, coalesced, deadlineMs } of shown) {
        expect(plain - coalesced).toBeGreaterThanOrEqual(0)
        expect(plain - coalesced).toBeLessThan(WINDOW_MS)
        expect(deadlineMs).toBeLessThanOrEqual(coalesced)
      }
    }),
    { numRuns: 40 },
  )
})

it('coalescing keeps the log from growing with the beats', async () => {
  const { beats } = await play(Array.from({ length: 40 }, () => 100))
  expect(beats).toBe(40 + 1)
})
