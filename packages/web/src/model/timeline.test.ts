import { describe, expect, test } from 'vitest'
import { readEvent, type LogEvent } from './log-event.ts'
import { isWaiting, layoutRow } from './row-layout.ts'
import { humansWaiting } from './figures.ts'
import { askedOfLane } from './requested.ts'
import { sentenceOf } from './sentence.ts'
import { Timeline } from './timeline.ts'

const T0 = 1_700_000_000_000
/** Events that are kept where that is little. */
const EVENTS = 1_000

/** Events of a log, a second apart. */
function timelineOf(...events: readonly (readonly [type: string, data: object])[]): Timeline {
  const timeline = new Timeline()
  for (const [index, [type, data]] of events.entries()) timeline.take(event(index, type, data))
  return timeline
}

function event(revision: number, type: string, data: object, atMs = T0 + revision * 1_000): LogEvent {
  const read = readEvent({
    revision,
    type,
    recordedAt: new Date(atMs).toISOString(),
    eventId: `e${revision}`,
    actor: null,
    data,
  })
  if (read === null) throw new Error('no event')
  return read
}

const acquire = (lane: string, holder: string, more: object = {}) =>
  [
    'ACQUIRE',
    { lane, leaseId: `${lane}@x`, holder, mode: 'exclusive', region: [], ttlMs: 1_000, graceMs: 0, ...more },
  ] as const
const refuse = (holder: string, more: object = {}) =>
  [
    'REFUSE',
    {
      request: { op: 'acquire', holder, requestId: `q-${holder}`, claims: [{ lane: 'a' }] },
      code: 'lane-held',
      blockers: [],
      moreBlockers: 0,
      ...more,
    },
  ] as const
const WAITS = { ticket: { requestId: 'q', ttlMs: 30_000 } }

const window = { fromMs: T0, toMs: T0 + 100_000, widthPx: 1_000 }

function rowOf(timeline: Timeline, revision: number | null = null, nowMs = T0 + 50_000) {
  const track = timeline.lanes.get('a')
  if (track === undefined) throw new Error('no lane')
  return layoutRow(track, window, { nowMs, revision })
}

describe('the timeline', () => {
  test('a hold is a bar from its grant to its end', () => {
    const { bars } = rowOf(
      timelineOf(
        acquire('a', 'ada'),
        ['HEARTBEAT', { lane: 'a', leaseId: 'a@x', token: 0 }],
        ['RELEASE', { lane: 'a', leaseId: 'a@x', token: 0 }],
      ),
    )
    expect(bars).toMatchObject([{ leftPx: 0, widthPx: 20, isOpen: false, span: { holder: 'ada', end: 'released' } }])
  })

  test('a hold that has not ended reaches to now', () => {
    expect(rowOf(timelineOf(acquire('a', 'ada'))).bars).toMatchObject([{ leftPx: 0, widthPx: 500, isOpen: true }])
  })

  test('an end under an old token ends nothing', () => {
    const timeline = timelineOf(
      acquire('a', 'ada'),
      ['ADOPT', { lane: 'a', leaseId: 'a@x', previousToken: 0, newHolder: 'bob' }],
      ['RELEASE', { lane: 'a', leaseId: 'a@x', token: 0 }],
    )
    expect(rowOf(timeline).bars.map(({ isOpen, span }) => [span.holder, span.end, isOpen])).toEqual([
      ['ada', 'adopted', false],
      ['bob', null, true],
    ])
  })

  test('at an earlier revision nothing of what came later is drawn', () => {
    const timeline = timelineOf(acquire('a', 'ada'), refuse('bob'), [
      'SCAVENGE',
      { lane: 'a', leaseId: 'a@x', token: 0 },
    ])
    const then = rowOf(timeline, 0, T0 + 500)
    expect(then.marks).toEqual([])
    expect(then.bars).toMatchObject([{ isOpen: true, widthPx: 5 }])
    expect(rowOf(timeline).marks.length).toBeGreaterThan(0)
  })

  test('whoever waits is refused once, however often it keeps its place, and waits until it is granted', () => {
    const timeline = timelineOf(
      acquire('a', 'ada'),
      refuse('bob', WAITS),
      refuse('bob', WAITS),
      ['RELEASE', { lane: 'a', leaseId: 'a@x', token: 0 }],
      acquire('a', 'bob', { requestId: 'q-bob' }),
    )
    expect(timeline.refusals).toHaveLength(1)
    const [wait] = timeline.lanes.get('a')?.waits ?? []
    expect(wait).toMatchObject({ waiter: 'bob', fromMs: T0 + 1_000, toMs: T0 + 4_000, outcome: 'granted' })
    if (wait === undefined) return
    expect(isWaiting(wait, { nowMs: T0 + 3_000, revision: 3 })).toBe(true)
    expect(isWaiting(wait, { nowMs: T0 + 4_000, revision: 4 })).toBe(false)
  })

  test('whoever withdraws, or does not keep its place, waits no longer', () => {
    const timeline = timelineOf(
      acquire('a', 'ada'),
      refuse('bob', WAITS),
      refuse('eve', WAITS),
      refuse('bob', { code: 'withdrawn' }),
    )
    const waiting = [...timeline.waiting.values()]
    expect(waiting.map(({ waiter }) => waiter)).toEqual(['eve'])
    expect(waiting.filter(wait => isWaiting(wait, { nowMs: T0 + 33_000, revision: null }))).toEqual([])
  })

  test('events that come again after a lost connection are taken once', () => {
    const timeline = timelineOf(acquire('a', 'ada'), refuse('bob'))
    timeline.take(event(1, 'REFUSE', refuse('bob')[1]))
    expect(timeline.events).toHaveLength(2)
    expect(timeline.refusals).toHaveLength(1)
  })

  test('a lease from before the first known event is drawn, and ended by what is known', () => {
    const timeline = new Timeline()
    timeline.seed([
      {
        lane: 'a',
        leaseId: 'a@7',
        holder: 'ada',
        token: 7,
        mode: 'exclusive',
        region: [],
        ttlMs: 1,
        graceMs: 0,
        ownedSinceMs: T0 - 60_000,
      },
    ])
    timeline.take(event(20, 'RELEASE', { lane: 'a', leaseId: 'a@7', token: 7 }))
    expect(rowOf(timeline).bars).toMatchObject([{ isOpen: false, span: { isSeeded: true, end: 'released' } }])
  })

  test('whoever waits for a human does so until it is over, and since it said so first', () => {
    const spawn = (runId: string, waiting?: object) =>
      ['SPAWN', { lane: 's', holder: 'c', runId, ttlMs: 60_000, waiting }] as const
    const waits = { for: 'permission', detail: 'rm' }
    const timeline = timelineOf(spawn('1', waits), spawn('2', waits), spawn('1', { for: 'input' }), spawn('2'))
    expect(humansWaiting(timeline, { nowMs: T0 + 5_000, revision: null })).toMatchObject([
      { lane: 's', holder: 'c', answer: 'input', detail: null, sinceMs: T0 },
    ])
    expect(humansWaiting(timeline, { nowMs: T0 + 70_000, revision: null })).toEqual([])
    expect(sentenceOf(event(0, 'SPAWN', spawn('1', waits)[1]))).toBe('c waits for a human: permission, rm')
  })

  test('what is kept is bounded, however long it runs; what is held stays', () => {
    const timeline = new Timeline(EVENTS)
    timeline.take(event(0, ...acquire('held', 'ada')))
    for (let at = 1; at <= EVENTS * 2; at += 1) {
      const kind = at % 4
      const lane = `a${at % 8}`
      const data = { lane, leaseId: `${lane}@x`, token: at - 1 }
      if (kind === 0) timeline.take(event(at, ...acquire(lane, 'ada')))
      else if (kind === 1)
        timeline.take(event(at, 'RELEASE', { ...data, lane: `a${(at - 1) % 8}`, leaseId: `a${(at - 1) % 8}@x` }))
      else if (kind === 2) timeline.take(event(at, ...refuse(`b${at}`, WAITS)))
      else timeline.take(event(at, 'HEARTBEAT', data))
    }
    expect(timeline.isCut).toBe(true)
    const [oldest] = timeline.events
    expect(timeline.events.length).toBeLessThanOrEqual(EVENTS)
    const tracks = [...timeline.lanes.values()]
    const old = tracks.flatMap(({ lane, spans, marks, beatRevisions, waits }) => [
      ...(lane === 'held' ? [] : spans.filter(({ token }) => token < (oldest?.revision ?? 0) - 1)),
      ...marks.filter(({ revision }) => revision < (oldest?.revision ?? 0)),
      ...beatRevisions.filter(revision => revision < (oldest?.revision ?? 0)),
      ...waits.filter(({ untilMs }) => untilMs < (oldest?.atMs ?? 0)),
    ])
    expect(old).toEqual([])
    expect(timeline.waiting.size).toBeLessThan(EVENTS / 2)
    expect(timeline.lanes.get('held')?.open()).toMatchObject([{ token: 0 }])
  })

  test('words that every object has are words like others', () => {
    expect(sentenceOf(event(0, ...refuse('bob', { code: '__proto__' })))).toBe('refused bob: __proto__')
    expect(sentenceOf(event(0, ...refuse('bob', { code: 'constructor' })))).toBe('refused bob: constructor')
  })

  test.each([
    ['api', 'api'],
    ['r12', 'r12@7'],
    ['12', '12@7'],
    ['..', '..@7'],
  ])('why is asked of the lane %s by %s: a lane is neither a revision nor a step of a path', (lane, asked) => {
    expect(askedOfLane(lane, `${lane}@7`)).toBe(asked)
  })

  test('100,000 events in one row are drawn as few things, and soon', () => {
    const timeline = new Timeline()
    for (let at = 0; at < 50_000; at += 1) {
      timeline.take(event(2 * at, 'ACQUIRE', { ...acquire('a', 'ada')[1], leaseId: `a@${2 * at}` }, T0 + 2 * at))
      const ending = at % 5 === 0 ? 'SCAVENGE' : 'RELEASE'
      timeline.take(event(2 * at + 1, ending, { lane: 'a', leaseId: `a@${2 * at}`, token: 2 * at }, T0 + 2 * at + 1))
    }
    const { bars, dense, marks } = rowOf(timeline, null, T0 + 100_000)
    // Others may run on this machine: it is what one of several rounds takes.
    const took = Array.from({ length: 5 }, () => {
      const startedMs = performance.now()
      rowOf(timeline, null, T0 + 100_000)
      return performance.now() - startedMs
    })
    expect(bars.length + dense.length).toBeLessThan(10)
    expect(dense.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(49_000)
    expect(marks.length).toBeLessThan(80)
    expect(marks.reduce((sum, { count }) => sum + count, 0)).toBe(10_000)
    expect(Math.min(...took)).toBeLessThan(100)
  })
})
