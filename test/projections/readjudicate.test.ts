import {
  LedgerFold,
  LivenessSettings,
  queryLiveness,
  readjudicate,
  stateAt,
  type Adjudicated,
  type AdjudicatedRange,
  type Adjudication,
} from '@holdfast/projections'
import { openMemoryStore } from '@holdfast/store/memory'
import { describe, expect, it } from 'vitest'
import { altered } from './altered-store.ts'
import { Scribe, STREAM } from './scribe.ts'
import { VirtualTime } from '../setup/virtual-time.ts'

const MINUTE_MS = 60_000
const ALL: AdjudicatedRange = { from: null, to: null }
const settings = LivenessSettings.parse({ graceMs: 2 * MINUTE_MS, spinMs: 10 * MINUTE_MS })
const LIVENESS: Adjudication = { verdict: 'liveness', settings }

/** A lease that beats once after five minutes and falls silent, while somebody else comes and goes every minute. */
async function silent() {
  const time = VirtualTime.ofTheCalendar()
  const store = openMemoryStore({ clock: time.wall })
  const scribe = await Scribe.found(store)
  const startMs = time.nowMs
  const api = await scribe.hold('api', { ttlMs: 30 * MINUTE_MS, runId: 'run-1' })
  for (let minute = 1; minute <= 20; minute += 1) {
    time.advance(MINUTE_MS)
    if (minute === 5) await scribe.beat(api)
    await scribe.release(await scribe.hold('other', { holder: 'eve' }))
  }
  return { store, scribe, startMs, api }
}

async function judged(
  store: Parameters<typeof readjudicate>[0],
  range: AdjudicatedRange,
  by: Adjudication,
): Promise<readonly Adjudicated[]> {
  const all: Adjudicated[] = []
  for await (const one of readjudicate(store, STREAM, range, by)) if (one.lane === 'api') all.push(one)
  return all
}

function story(all: readonly Adjudicated[], startMs: number): readonly string[] {
  return all.map(({ atMs, verdict, basis }) => `${(atMs - startMs) / MINUTE_MS} ${verdict} ${basis}`)
}

describe('a history judged again', () => {
  it('tells each change of a verdict, also those that time alone brings', async () => {
    const { store, startMs } = await silent()
    const all = await judged(store, ALL, LIVENESS)
    expect(story(all, startMs)).toEqual([
      '0 ADVANCING within-grace',
      '2 SPINNING no-delta',
      `${15 + 1 / MINUTE_MS} STALLED beat-old`,
    ])
  })

  it('comes out otherwise under another policy', async () => {
    const { store, startMs } = await silent()
    const strict = LivenessSettings.parse({ graceMs: 0, spinMs: MINUTE_MS })
    const all = await judged(store, ALL, { verdict: 'liveness', settings: strict })
    expect(story(all, startMs)).toEqual([
      '0 SPINNING no-delta',
      `${1 + 1 / MINUTE_MS} STALLED beat-old`,
      '5 SPINNING no-delta',
      `${6 + 1 / MINUTE_MS} STALLED beat-old`,
    ])
    const policy = { stallMs: 7 * MINUTE_MS, ttlMs: 14 * MINUTE_MS }
    expect(story(await judged(store, ALL, { verdict: 'health', policy }), startMs)).toEqual([
      '0 LIVE fresh-beat',
      `${12 + 1 / MINUTE_MS} ORPHANED_WORKING activity-unknown`,
      `${19 + 1 / MINUTE_MS} DEAD past-ttl`,
    ])
  })

  it('begins and ends where it is told to, and a compaction changes nothing', async () => {
    const { store, scribe, startMs, api } = await silent()
    const range: AdjudicatedRange = {
      from: { atMs: startMs + 4 * MINUTE_MS },
      to: { atMs: startMs + 15 * MINUTE_MS },
    }
    const before = await judged(store, range, LIVENESS)
    expect(story(before, startMs)).toEqual(['4 SPINNING no-delta'])
    const whole = await judged(store, ALL, LIVENESS)
    await scribe.tell({ type: 'checkpoint' })
    await store.compact(STREAM, scribe.state.head as Parameters<typeof store.compact>[1])
    expect(await judged(store, range, LIVENESS)).toEqual(before)
    expect(await judged(store, ALL, LIVENESS)).toEqual(whole)
    expect(await judged(store, { from: { revision: api.token + 1 }, to: null }, LIVENESS)).not.toEqual([])
  })

  it('says at every revision what a query would have said then', async () => {
    const { store, scribe } = await silent()
    const all = await judged(store, ALL, LIVENESS)
    for (const { revision, recordedAt } of scribe.written.slice(1)) {
      const { state } = await stateAt(store, STREAM, { revision })
      const asOfThen = altered(store, { now: () => Promise.resolve(recordedAt) })
      const view = await queryLiveness(asOfThen, STREAM, new LedgerFold(state), { settings })
      const now = view.leases.find(({ lane }) => lane === 'api')
      const then = all.findLast(({ atMs }) => atMs <= recordedAt)
      expect([revision, then?.verdict, then?.basis]).toEqual([revision, now?.verdict, now?.basis])
    }
  })
})
