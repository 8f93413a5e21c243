import { Lane } from '@holdfast/core'
import type { LaneHolder } from '@holdfast/projections'
import { laneHolders$ } from '@holdfast/projections/streams'
import { describe, expect, it } from 'vitest'
import { wrapped } from '../store/harness/wrapped-store.ts'
import { Scribe, STREAM } from './scribe.ts'
import { BEDS } from './stores.ts'
import { settle, until } from '../setup/virtual-time.ts'

const API = Lane.parse('api')

const shownBy = (holders: readonly LaneHolder[] | undefined): string[] =>
  (holders ?? []).map(({ lease: { holder, expired } }) => (expired ? `${holder} expired` : holder))

describe.each(BEDS)('laneHolders$ on $kind', ({ open }) => {
  it('shows who holds the lane and nobody else, until it is given up', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('docs', { holder: 'bob' })
    const api = await scribe.hold('api', { holder: 'ann' })
    const shown: (readonly LaneHolder[])[] = []
    const subscription = laneHolders$(bed.store, STREAM, API, bed.time).subscribe(holders => shown.push(holders))
    await until(() => shown.length === 1, 'the first view')
    await scribe.release(api)
    await until(() => shown.length === 2, 'the release')
    subscription.unsubscribe()
    expect(shown.map(shownBy)).toEqual([['ann'], []])
  })

  it('shows a lease that asked for a reaper until one has ended it', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const { leaseId, expiresAtMs } = await scribe.hold('api', { holder: 'ann', reap: 'required' })
    const shown: (readonly LaneHolder[])[] = []
    const subscription = laneHolders$(bed.store, STREAM, API, bed.time).subscribe(holders => shown.push(holders))
    await until(() => shown.length === 1, 'the first view')
    expect(bed.time.pending).toBe(0)
    bed.time.advance(expiresAtMs - bed.time.nowMs + 1)
    await scribe.hold('docs', { holder: 'bob' })
    await until(() => shown.length === 2, 'another look')
    expect(shown.at(-1)).toMatchObject([{ lease: { leaseId, expired: true }, untilMs: null }])
    subscription.unsubscribe()
  })

  it.each([
    { clock: 'steady', laterMs: 0, last: [] },
    { clock: 'can-step', laterMs: 5_000, last: ['ann expired'] },
  ] as const)('on a clock that is $clock, until $laterMs ms after the expiry', async ({ clock, laterMs, last }) => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const { expiresAtMs } = await scribe.hold('api', { holder: 'ann' })
    const shown: (readonly LaneHolder[])[] = []
    const subscription = laneHolders$(wrapped(bed.store, { clock }), STREAM, API, bed.time).subscribe(holders =>
      shown.push(holders),
    )
    await until(() => bed.time.pending === 1, 'the timer')
    const endsAtMs = expiresAtMs + laterMs
    expect(shown.at(-1)?.map(({ untilMs }) => untilMs)).toEqual([endsAtMs])
    bed.time.advance(endsAtMs - bed.time.nowMs - 1)
    await settle(50)
    // An event elsewhere makes it look again, just before.
    await scribe.hold('docs', { holder: 'bob' })
    await until(() => shown.length === 2, 'another look')
    expect(shownBy(shown.at(-1))).toEqual(clock === 'steady' ? ['ann'] : last)
    bed.time.advance(1)
    await until(() => shown.length === 3, 'the end of its time')
    expect(shown.at(-1)).toEqual([])
    expect(bed.time.pending).toBe(0)
    subscription.unsubscribe()
  })
})
