import type { LeaseView } from '@holdfast/projections'
import { liveLeases$ } from '@holdfast/projections/streams'
import { describe, expect, it } from 'vitest'
import { Scribe, STREAM } from './scribe.ts'
import { BEDS } from './stores.ts'
import { settle, until } from '../setup/virtual-time.ts'

const lanes = (views: readonly LeaseView[] | undefined): string[] =>
  (views ?? []).map(({ lane, expired }) => (expired ? `${lane} expired` : lane))

describe.each(BEDS)('liveLeases$ on $kind', ({ open }) => {
  it('shows what is there, then each change', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const api = await scribe.hold('api')
    const shown: LeaseView[][] = []
    const subscription = liveLeases$(bed.store, STREAM, bed.time).subscribe(views => shown.push(views))
    await until(() => shown.length === 1, 'the first view')
    await scribe.hold('docs', { holder: 'bob' })
    await until(() => lanes(shown.at(-1)).length === 2, 'the second lease')
    await scribe.release(api)
    await until(() => lanes(shown.at(-1)).length === 1, 'the release')
    subscription.unsubscribe()
    expect(shown.map(lanes)).toEqual([['api'], ['api', 'docs'], ['docs']])
  })

  it('shows an expiry although no event tells of it, and not before its time', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const { expiresAtMs } = await scribe.hold('api')
    const shown: LeaseView[][] = []
    const subscription = liveLeases$(bed.store, STREAM, bed.time).subscribe(views => shown.push(views))
    await until(() => bed.time.pending === 1, 'the timer')
    bed.time.advance(expiresAtMs - bed.time.nowMs - 1)
    await settle(50)
    expect(shown.map(lanes)).toEqual([['api']])
    bed.time.advance(1)
    await until(() => shown.length === 2, 'the expiry')
    expect(lanes(shown.at(-1))).toEqual(['api expired'])
    expect(bed.time.pending).toBe(0)
    subscription.unsubscribe()
  })

  it('a beat moves the boundary', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const api = await scribe.hold('api')
    const shown: LeaseView[][] = []
    const subscription = liveLeases$(bed.store, STREAM, bed.time).subscribe(views => shown.push(views))
    await until(() => bed.time.pending === 1, 'the timer')
    bed.time.advance(60_000)
    await scribe.beat(api)
    await until(() => shown.length === 2, 'the beat')
    await until(() => bed.time.nextInMs === api.expiresAtMs + 60_000 - bed.time.nowMs, 'the new timer')
    bed.time.advance(60_000)
    await settle(50)
    expect(lanes(shown.at(-1))).toEqual(['api'])
    subscription.unsubscribe()
  })

  it('refusals and intents show nothing new', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('api')
    const shown: LeaseView[][] = []
    const subscription = liveLeases$(bed.store, STREAM, bed.time).subscribe(views => shown.push(views))
    await until(() => shown.length === 1, 'the first view')
    await scribe.tell({ type: 'acquire', holder: 'bob', claims: [{ lane: 'api' }] })
    await scribe.tell({ type: 'halt', handle: 'api', lane: 'api' })
    await scribe.tell({ type: 'spawn', lane: 'docs', holder: 'bob' })
    await scribe.hold('docs', { holder: 'bob' })
    await until(() => lanes(shown.at(-1)).length === 2, 'the second lease')
    subscription.unsubscribe()
    expect(shown).toHaveLength(2)
  })

  it('unsubscribing leaves no timer behind', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('api')
    const subscription = liveLeases$(bed.store, STREAM, bed.time).subscribe()
    await until(() => bed.time.pending === 1, 'the timer')
    subscription.unsubscribe()
    expect(bed.time.pending).toBe(0)
    await settle(50)
    expect(bed.time.pending).toBe(0)
  })

  it('waits for a boundary that lies farther than platform timers reach', async () => {
    await using bed = await open()
    const DAY_MS = 86_400_000
    const scribe = await Scribe.found(bed.store, { ttlCeilingMs: 60 * DAY_MS })
    await scribe.hold('api', { ttlMs: 60 * DAY_MS })
    const shown: LeaseView[][] = []
    const subscription = liveLeases$(bed.store, STREAM, bed.time).subscribe(views => shown.push(views))
    await until(() => bed.time.pending === 1, 'the timer')
    expect(bed.time.nextInMs).toBe(2 ** 31 - 1)
    bed.time.advance(2 ** 31 - 1)
    await until(() => bed.time.nextInMs !== null, 'the second timer')
    await settle(50)
    expect(shown).toHaveLength(1)
    bed.time.advance(2 ** 31 - 1)
    await until(() => bed.time.pending === 1, 'the third timer')
    await settle(50)
    bed.time.advance(60 * DAY_MS - 2 * (2 ** 31 - 1) + 30_000)
    await until(() => shown.length === 2, 'the expiry')
    expect(lanes(shown.at(-1))).toEqual(['api expired'])
    subscription.unsubscribe()
  })

  it('ends with the error of a store that is closed beneath it', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('api')
    let failure: unknown
    liveLeases$(bed.store, STREAM, bed.time).subscribe({ error: (error: unknown) => void (failure = error) })
    await until(() => bed.time.pending === 1, 'the timer')
    await bed.store.close()
    await until(() => failure !== undefined, 'the error')
    expect(failure).toMatchObject({ code: 'unavailable' })
    expect(bed.time.pending).toBe(0)
  })
})
