import { EpochMs } from '@holdfast/core'
import * as fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, it } from 'vitest'
import { FleetReader } from '../../packages/cli/src/top/fleet-reader.ts'
import { frame, printedFrame, type FrameParts } from '../../packages/cli/src/top/frame.ts'
import { chosen, ORDERS } from '../../packages/cli/src/top/lease-order.ts'
import { FIRST_STATE, type Mode } from '../../packages/cli/src/top/screen-state.ts'
import type { Snapshot } from '../../packages/cli/src/top/snapshot.ts'
import { runs } from '../core/harness/properties.ts'
import { Fleet } from '../engine/harness/fleet.ts'
import { settle } from '../setup/virtual-time.ts'

/** Right-to-left override, isolate, joiner, line separator, a tag character. */
const HOSTILE_NAME = 'a\u202Eb\u2066c\u200Dd\u2028e\u{E0041}f'

/** Text may have the escape of a terminal besides. */
const HOSTILE = `${HOSTILE_NAME}\u001B[2Jg`

/** Names as they may be: hostile, wide, right to left, with marks, 200 characters, made of several code points. */
const NAMES = [HOSTILE_NAME, '文档'.repeat(40), 'מפתח', 'e\u0301'.repeat(90), 'x'.repeat(190), '👩‍👩‍👧‍👦family', 'api']

/** Everything that a terminal acts on or hides, but our own colours. */
const RAW = /[\p{Cf}\p{Zl}\p{Zp}]|(?!\p{Cc}\[(?:1|2|22|31|32|33|39)m)\p{Cc}/u

async function snapshotOfAll(): Promise<Snapshot> {
  const fleet = new Fleet()
  const ledger = await fleet.process()
  const ending = new AbortController()
  const waiting: Promise<unknown>[] = []
  for (const [index, name] of NAMES.entries()) {
    const granted = await ledger.acquire({ lane: name, holder: name, kind: name, region: [], runId: name, ttl: '60s' })
    if (granted.outcome !== 'granted') throw new Error(granted.outcome)
    await ledger.halt({ handle: name, lane: name, reason: name })
    waiting.push(ledger.acquire({ lane: name, holder: `${name}2` }, { wait: '60s', signal: ending.signal }))
    await settle()
    await ledger.spawn({ lane: `${name}3`, holder: name, reason: name })
    if (index % 3 === 1) await ledger.scavenge({ lane: name, token: granted.lease.token, force: true, reason: name })
  }
  const snapshot = await new FleetReader(ledger, { probe: fleet.probe }).look()
  ending.abort()
  await Promise.all(waiting)
  await fleet.close()
  return snapshot
}

const target = { leaseId: `${HOSTILE}@1`, token: 1, holder: '文'.repeat(200) }

const modes: fc.Arbitrary<Mode> = fc.constantFrom<Mode[]>(
  { kind: 'list' },
  { kind: 'filter', before: '' },
  { kind: 'page', title: HOSTILE, lines: null, top: 0 },
  { kind: 'page', title: 'why', lines: [...NAMES, ...NAMES, ''], top: 3 },
  { kind: 'reason', target, typed: HOSTILE.repeat(20), isMissing: false },
  { kind: 'reason', target, typed: '', isMissing: true },
  { kind: 'confirm', target, reason: NAMES.join(' ') },
)

function partsOf(snapshot: Snapshot, over: Partial<FrameParts>): FrameParts {
  const state = over.state ?? FIRST_STATE
  const leases = chosen(snapshot.leases, { order: state.order, filter: state.filter, holder: null })
  const connection = { state: 'up' } as const
  const { nowMs } = snapshot
  return {
    ledger: 'default',
    url: 'memory:',
    holder: null,
    ageMs: 0,
    nowMs,
    connection,
    snapshot,
    leases,
    ...over,
    state,
  }
}

it('a frame fits the terminal whatever is on it, and holds nothing that a terminal acts on', async () => {
  const snapshot = await snapshotOfAll()
  expect(snapshot).toMatchObject({ waiting: { length: 7 }, halts: { length: 5 }, draining: { length: 2 } })
  const selected = fc.constantFrom(null, ...snapshot.leases.map(({ lease }) => lease.leaseId))
  const state = fc.record({
    order: fc.constantFrom(...ORDERS),
    filter: fc.constantFrom('', '文', 'x'),
    selected,
    mode: modes,
  })
  const size = fc.record({ columns: fc.integer({ min: 59, max: 220 }), rows: fc.integer({ min: 10, max: 60 }) })
  const connection = fc.constantFrom<FrameParts['connection'][]>(
    { state: 'up' },
    { state: 'reconnecting', sinceMs: 0, why: HOSTILE },
  )
  fc.assert(
    fc.property(state, size, connection, fc.nat(100_000), (screen, at, reached, ageMs) => {
      const parts = partsOf(snapshot, { state: screen, connection: reached, ageMs, nowMs: snapshot.nowMs + ageMs })
      const lines = frame(parts, at)
      expect(lines.length).toBe(at.rows)
      for (const line of lines) {
        expect(stringWidth(line)).toBeLessThanOrEqual(at.columns)
        expect(RAW.exec(line)).toBe(null)
      }
    }),
    runs(60),
  )
})

it('at 60 columns each lease has its lane, holder, end, verdict and what that rests on', async () => {
  const lines = frame(partsOf(await snapshotOfAll(), {}), { columns: 59, rows: 23 })
  const row = lines.find(line => line.includes('api'))
  expect(row).toMatch(/api +api +in 1min 3s +ADVANCING within-grace$/)
})

it('a printed frame has everything in full, for no terminal limits it', async () => {
  const snapshot = await snapshotOfAll()
  const text = printedFrame(partsOf(snapshot, {}), null).join('\n')
  expect(text).toContain('x'.repeat(190))
  for (const { holder, lane } of snapshot.waiting.filter(({ lane }) => /^[a-z]+$/.test(lane)))
    expect(text).toContain(`${holder} waits for ${lane} since`)
  expect(text.split('\n').filter(line => /ADVANCING +halt pending/.test(line))).toHaveLength(5)
})

it('of 10,000 leases only those that are seen are drawn', async () => {
  const snapshot = await snapshotOfAll()
  const [one] = snapshot.leases
  if (one === undefined) throw new Error('no lease')
  const drawn = new Set<string>()
  const leases = Array.from({ length: 10_000 }, (_, index) => {
    const lease = { ...one.lease, lane: `lane-${index}`, leaseId: `lane-${index}@1` } as typeof one.lease
    Object.defineProperty(lease, 'ownedSinceMs', {
      get: () => {
        drawn.add(lease.leaseId)
        return EpochMs.parse(snapshot.nowMs)
      },
    })
    return { ...one, lease }
  })
  const state = { ...FIRST_STATE, selected: 'lane-5000@1' }
  const lines = frame(partsOf({ ...snapshot, leases }, { state }), { columns: 100, rows: 40 })
  expect(lines.some(line => line.includes('lane-5000 '))).toBe(true)
  expect(drawn.size).toBeGreaterThan(5)
  expect(drawn.size).toBeLessThanOrEqual(40)
})
