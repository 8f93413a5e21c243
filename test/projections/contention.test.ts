import type { LogEntry } from '@holdfast/core'
import { contentionProjection, lateBeatsProjection, project, querySince } from '@holdfast/projections'
import { openMemoryStore } from '@holdfast/store/memory'
import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../setup/virtual-time.ts'
import { Scribe, STREAM } from './scribe.ts'

const TICKET_MS = 10_000

async function shop() {
  const time = VirtualTime.ofTheCalendar()
  const store = openMemoryStore({ clock: time.wall })
  const scribe = await Scribe.found(store, { ttlDefaultMs: 60_000, graceMs: 0, ticketTtlMs: TICKET_MS })
  const ask = (holder: string, lane: string, wish: { readonly wait?: boolean; readonly region?: string[] } = {}) =>
    scribe.tell({
      type: 'acquire',
      holder,
      requestId: `${holder}-${lane}`,
      claims: [{ lane, region: wish.region ?? [] }],
      ...(wish.wait === true ? { wait: true } : {}),
    })
  return { time, store, scribe, ask }
}

async function entriesOf(store: ReturnType<typeof openMemoryStore>): Promise<LogEntry[]> {
  const entries: LogEntry[] = []
  for await (const batch of store.read(STREAM)) entries.push(...batch)
  return entries
}

describe('contention', () => {
  it('counts refusals by lane, folder, pair and holder, and a renewed place in line as none', async () => {
    const { time, store, scribe, ask } = await shop()
    const api = await scribe.hold('api', { holder: 'ann', region: ['src/api/**'] })
    await ask('ben', 'web', { region: ['src/api/x.ts'], wait: true })
    for (let turn = 0; turn < 3; turn += 1) {
      time.advance(6000)
      await ask('ben', 'web', { region: ['src/api/x.ts'], wait: true })
    }
    await ask('cid', 'api')
    await scribe.tell({ type: 'release', lane: 'api', holder: 'ann', token: api.token })
    time.advance(2000)
    await ask('ben', 'web', { region: ['src/api/x.ts'], wait: true })
    const view = contentionProjection.view(
      project(contentionProjection, await entriesOf(store)),
      await store.now(STREAM),
    )
    const waited = { refused: 1, granted: 1, gaveUp: 0, waitedP50Ms: 20_000, waitedP99Ms: 20_000, longestMs: 20_000 }
    expect(view.lanes).toEqual([
      { lane: 'web', ...waited, waiting: 0, newest: 2 },
      expect.objectContaining({ lane: 'api', refused: 1, granted: 0, waitedP50Ms: null, longestMs: 0 }),
    ])
    expect(view.folders).toEqual([{ folder: 'src/api', ...waited, waiting: 0, newest: 2 }])
    expect(view.pairs).toEqual([
      expect.objectContaining({ holder: 'ben', blocker: 'ann', refused: 1, granted: 1 }),
      expect.objectContaining({ holder: 'cid', blocker: 'ann', refused: 1, granted: 0 }),
    ])
    expect(view.holders.map(({ holder, longestMs }) => [holder, longestMs])).toEqual([
      ['ben', 20_000],
      ['cid', 0],
    ])
    expect(view).toMatchObject({ waits: [], isWhole: true })
  })

  it('a place that is not renewed was given up when it lapsed, and who waits on longest starves', async () => {
    const { time, store, scribe, ask } = await shop()
    const keep = async (spanMs: number): Promise<void> => {
      for (let leftMs = spanMs; leftMs > 0; leftMs -= 5000) {
        time.advance(5000)
        for (const lease of scribe.state.leases.values()) await scribe.beat(lease)
      }
    }
    const api = await scribe.hold('api', { holder: 'ann' })
    await scribe.hold('docs', { holder: 'ann' })
    await ask('ben', 'api', { wait: true })
    await keep(5000)
    await scribe.tell({ type: 'release', lane: 'api', holder: 'ann', token: api.token })
    await ask('ben', 'api', { wait: true })
    // Gives up by saying nothing more.
    await ask('cid', 'api', { wait: true })
    await ask('dan', 'docs', { wait: true })
    await keep(5000)
    await ask('dan', 'docs', { wait: true })
    await keep(9000)
    const nowMs = await store.now(STREAM)
    const view = contentionProjection.view(project(contentionProjection, await entriesOf(store)), nowMs)
    expect(view.holders.find(({ holder }) => holder === 'cid')).toMatchObject({
      gaveUp: 1,
      granted: 0,
      waiting: 0,
      longestMs: TICKET_MS,
    })
    expect(view.holders.find(({ holder }) => holder === 'ben')).toMatchObject({ granted: 1, waitedP50Ms: 5000 })
    expect(view.waits).toMatchObject([{ holder: 'dan', lanes: ['docs'], starves: true }])
    expect(view.lanes.find(({ lane }) => lane === 'docs')).toMatchObject({ waiting: 1, gaveUp: 0 })
  })
})

describe('late beats', () => {
  it('are those after the time that the lease was safe until; a release counts, and silence that lasts', async () => {
    const { time, store, scribe } = await shop()
    const api = await scribe.hold('api', { holder: 'ann' })
    time.advance(59_999)
    await scribe.beat(api)
    time.advance(60_000)
    await scribe.beat(api)
    const docs = await scribe.hold('docs', { holder: 'ben' })
    time.advance(20_000)
    await scribe.tell({
      type: 'heartbeat',
      lane: 'docs',
      holder: 'ben',
      token: docs.token,
      activity: { label: 'build', expectedMs: 300_000 },
    })
    time.advance(200_000)
    const projection = lateBeatsProjection()
    const view = projection.view(project(projection, await entriesOf(store)), await store.now(STREAM))
    expect(view.gaps).toMatchObject([
      { holder: 'ann', leaseId: api.leaseId, spanMs: 60_000, allowedMs: 60_000, end: 'beat' },
      { holder: 'ann', leaseId: api.leaseId, spanMs: 220_000, allowedMs: 60_000, end: null, toMs: null },
    ])
    expect(view.holders).toMatchObject([
      { holder: 'ann', beats: 2, gaps: 2, longestMs: 220_000 },
      { holder: 'ben', beats: 1, gaps: 0, longestMs: 200_000 },
    ])
  })

  it('asked from a point on, know the leases that lived then, and nothing of what was before', async () => {
    const { time, store, scribe } = await shop()
    const api = await scribe.hold('api', { holder: 'ann' })
    time.advance(70_000)
    await scribe.beat(api)
    const since = { revision: scribe.state.head }
    time.advance(61_000)
    await scribe.beat(api)
    const whole = await querySince(store, STREAM, { since: null, projection: lateBeatsProjection })
    expect(whole.gaps.map(({ spanMs }) => spanMs)).toEqual([70_000, 61_000])
    let folded = 0
    const part = await querySince(store, STREAM, {
      since,
      projection: lateBeatsProjection,
      onProgress: count => (folded = count),
    })
    expect(part.gaps.map(({ spanMs }) => spanMs)).toEqual([61_000])
    expect(folded).toBe(1)
  })
})
