import { copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Lane, snapshotState, type EpochMs, type LogEntry } from '@holdfast/core'
import {
  drainingViews,
  explainEvent,
  readjudicate,
  stateAt,
  verifyLedger,
  type HistoryPoint,
} from '@holdfast/projections'
import {
  forcedEndings,
  keepPast,
  PAST_VERSION,
  PIECE_EVENTS as PIECE_EVENTS_USUAL,
  readPast,
  recordedTimes,
} from '@holdfast/projections/internal'
import { readHistory, type HistoryPiece, type LogStore } from '@holdfast/store'
import { openSqliteStore } from '@holdfast/store/sqlite'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { counting } from './counting-store.ts'
import { Scribe, STREAM } from './scribe.ts'
import { BEDS, type TestBed } from './stores.ts'

const [, { open: openBed }] = BEDS
const LANES = ['api', 'docs', 'caf\u00e9'] as const
const HOLDERS = ['ada', 'bob'] as const
const PIECE_EVENTS = 4

/** Entries that a read gives at once, and the one that a state was kept after. */
const READ_AHEAD = 500 + 1

/** The same store for whoever can only read it from one end to the other. */
function plain(store: LogStore): LogStore {
  return withPast(store, undefined)
}

function withPast(store: LogStore, past: LogStore['past']): LogStore {
  return new Proxy(store, {
    get: (target, key) => {
      if (key === 'past') return past
      const value: unknown = Reflect.get(target, key, target)
      const bound: unknown = typeof value === 'function' ? value.bind(target) : value
      return bound
    },
  })
}

type Move =
  | {
      readonly do: 'acquire' | 'release' | 'beat' | 'halt' | 'adopt' | 'scavenge'
      readonly lane: number
      readonly holder: number
    }
  | { readonly do: 'odd' | 'checkpoint' | 'cut' | 'drop' | 'keep' | 'wait' }

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('acquire', 'acquire', 'release', 'beat', 'halt', 'adopt', 'scavenge'),
      lane: fc.nat(LANES.length - 1),
      holder: fc.nat(HOLDERS.length - 1),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('odd', 'checkpoint', 'cut', 'cut', 'drop', 'keep', 'wait') }),
  },
)

async function play(bed: TestBed, scribe: Scribe, one: Move): Promise<void> {
  const { store, time } = bed
  if (!('lane' in one)) {
    switch (one.do) {
      case 'odd':
        return scribe.forge({ type: 'NOVELTY', data: { lane: 'api', leaseId: 'api@1' } })
      case 'checkpoint':
        await scribe.tell({ type: 'checkpoint', reason: '' })
        return
      case 'cut': {
        const checkpoint = await store.latestCheckpoint(STREAM)
        if (checkpoint !== null) await store.compact(STREAM, checkpoint.revision)
        return
      }
      case 'drop':
        await store.dropArchive(STREAM, (time.nowMs - 30_000) as EpochMs)
        return
      case 'keep':
        return keepPast(store, STREAM, { pieceEvents: PIECE_EVENTS })
      case 'wait':
        time.advance(20_000)
        return
    }
  }
  const lane = LANES[one.lane] ?? 'api'
  const holder = HOLDERS[one.holder] ?? 'ada'
  const lease = [...scribe.state.leases.values()].find(held => held.lane === lane)
  if (one.do === 'acquire') {
    const waits = one.holder === 0 ? {} : { wait: true, requestId: `${lane}-${scribe.state.head % 3}` }
    await scribe.tell({ type: 'acquire', holder, claims: [{ lane }], ...waits })
    return
  }
  if (lease === undefined) return
  const { token } = lease
  switch (one.do) {
    case 'release':
      await scribe.release(lease)
      return
    case 'beat':
      await scribe.beat(lease)
      return
    case 'halt':
      await scribe.tell({ type: 'halt', handle: 'stop', lane })
      return
    case 'adopt':
      await scribe.tell({ type: 'adopt', lane, newHolder: holder, expectToken: token, force: true, reason: '' })
      return
    case 'scavenge':
      await scribe.tell({ type: 'scavenge', lane, token, force: true, disposition: 'retry', reason: '' })
  }
}

async function entriesOf(store: LogStore): Promise<readonly LogEntry[]> {
  const all: LogEntry[] = []
  for await (const entries of readHistory(store, STREAM)) all.push(...entries)
  return all
}

async function all<T>(given: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = []
  for await (const one of given) found.push(one)
  return found
}

/** Every answer about every point, lane and lease of a history. */
async function answers(store: LogStore): Promise<unknown> {
  const entries = await entriesOf(store)
  const nowMs = (entries.at(-1)?.recordedAt ?? 0) as EpochMs
  const told: unknown[] = []
  const points: HistoryPoint[] = entries.flatMap(({ revision, recordedAt }) => [
    { revision },
    { atMs: recordedAt },
    { atMs: recordedAt - 1 },
  ])
  for (const point of points) {
    const { state, newest } = await stateAt(store, STREAM, point)
    told.push([point, state.head, snapshotState(state), newest?.revision])
  }
  const { state } = await stateAt(store, STREAM, { revision: entries.length + 1 })
  for (const { revision } of entries) {
    const explained = await explainEvent(store, STREAM, revision)
    told.push([revision, { ...explained, entry: explained?.entry.revision }])
  }
  const names = new Set([
    ...LANES,
    'other',
    ...entries.flatMap(entry => (entry.type === 'ACQUIRE' ? [entry.data.leaseId] : [])),
  ])
  for (const name of names) {
    for (const last of [0, 2]) told.push([name, last, await readPast(store, STREAM, { name, last, nowMs })])
  }
  const drains = drainingViews(state, { nowMs, ownClock: undefined })
  told.push([...(await forcedEndings(store, STREAM, drains)).values()])
  told.push([
    ...(await recordedTimes(
      store,
      STREAM,
      entries.map(({ revision }) => revision),
    )),
  ])
  const policy = { stallMs: 10_000, ttlMs: 40_000 } as never
  const from = { revision: Math.floor(entries.length / 2) }
  told.push(await all(readjudicate(store, STREAM, { from, to: null }, { verdict: 'health', policy })))
  return told
}

async function played(bed: TestBed, moves: readonly Move[]): Promise<Scribe> {
  const scribe = await Scribe.found(bed.store)
  for (const one of moves) await play(bed, scribe, one)
  await keepPast(bed.store, STREAM, { pieceEvents: PIECE_EVENTS })
  return scribe
}

describe('a history of which pieces are kept', () => {
  it('gives the answers of the whole fold at every point, of every lane and lease', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 12, maxLength: 30 }), async moves => {
        await using bed = await openBed()
        await played(bed, moves)
        expect(await answers(bed.store)).toEqual(await answers(plain(bed.store)))
        const { checks } = await verifyLedger(bed.store, STREAM)
        expect(checks.filter(({ name, ok }) => name === 'kept-past' && !ok)).toEqual([])
      }),
      { numRuns: 10 },
    )
  })

  it('counts as absent wherever a byte of it is changed, and gives the same answers', async () => {
    await using bed = await openBed()
    await played(bed, MANY)
    const expected = await answers(plain(bed.store))
    const path = `${bed.path ?? ''}.past`
    const whole = readFileSync(path)
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const damaged = Buffer.from(whole)
        damaged[at] = (damaged[at] ?? 0) ^ flip
        rmSync(path)
        writeFileSync(path, damaged, { mode: 0o600 })
        const place = Lane.parse('api')
        const nowMs = 0 as EpochMs
        expect(await readPast(bed.store, STREAM, { name: place, last: 3, nowMs })).toEqual(
          await readPast(plain(bed.store), STREAM, { name: place, last: 3, nowMs }),
        )
        const { state } = await stateAt(bed.store, STREAM, { revision: 18 })
        expect(snapshotState(state)).toEqual(
          snapshotState((await stateAt(plain(bed.store), STREAM, { revision: 18 })).state),
        )
      }),
      { numRuns: 30 },
    )
    rmSync(path, { force: true })
    writeFileSync(path, 'no database', { mode: 0o600 })
    expect(await answers(bed.store)).toEqual(expected)
  })
})

/** What may have become of a file, and what does that. */
const DAMAGES: Readonly<Record<string, string>> = {
  'marks emptied': 'UPDATE marks SET body = zeroblob(0)',
  'marks shortened': 'UPDATE marks SET body = substr(body, 1, length(body) - 16)',
  'marks of another bucket': 'UPDATE marks SET body = (SELECT body FROM marks AS other WHERE bucket = 1)',
  'marks missing': 'DELETE FROM marks',
  'a piece missing': 'DELETE FROM pieces WHERE number = 0',
  'the newest piece missing': 'DELETE FROM pieces WHERE number = (SELECT max(number) FROM pieces)',
  'pieces that reach further': 'UPDATE pieces SET to_revision = to_revision + 1',
  'pieces that begin earlier': 'UPDATE pieces SET from_revision = from_revision - 1',
  'states of another piece': 'UPDATE states SET body = (SELECT body FROM states WHERE number = 0)',
  'no state': 'DELETE FROM states',
}

describe('what is kept counts as absent', () => {
  it('when a row of it is changed or missing', async () => {
    await using bed = await openBed()
    await played(bed, MANY)
    const expected = await answers(plain(bed.store))
    for (const [what, sql] of Object.entries(DAMAGES)) {
      await keepPast(bed.store, STREAM, { pieceEvents: PIECE_EVENTS })
      const file = new DatabaseSync(`${bed.path ?? ''}.past`)
      expect(file.prepare('SELECT count(*) AS pieces FROM pieces').get(), what).toEqual({ pieces: 7 })
      file.exec(sql)
      file.close()
      expect(await answers(bed.store), what).toEqual(expected)
    }
  })

  it('when it belongs to another ledger', async () => {
    await using bed = await openBed()
    await using other = await openBed()
    await played(bed, MANY)
    await played(other, MANY.toReversed())
    const expected = await answers(plain(bed.store))
    copyFileSync(`${other.path ?? ''}.past`, `${bed.path ?? ''}.past`)
    expect(await answers(bed.store)).toEqual(expected)
  })
})

const MANY: readonly Move[] = Array.from({ length: 12 }, (_, index): Move[] => [
  { do: 'acquire', lane: index % LANES.length, holder: index % 2 },
  { do: 'beat', lane: index % LANES.length, holder: 0 },
  { do: index % 3 === 0 ? 'scavenge' : 'release', lane: index % LANES.length, holder: 0 },
]).flat()

/** A store that keeps other pieces than it is given. */
function lying(store: LogStore, alter: (piece: HistoryPiece) => HistoryPiece): LogStore {
  const { past } = store
  if (past === undefined) throw new Error('it keeps no pieces')
  return withPast(store, {
    ...past,
    keep: (stream, version, pieces) => past.keep(stream, version, pieces.map(alter)),
  })
}

describe('verify finds a piece that lies', () => {
  const states: (string | null)[] = []
  it.each([
    ['nothing altered', true, (piece: HistoryPiece) => piece],
    [
      'the state of another piece',
      false,
      (piece: HistoryPiece): HistoryPiece => {
        states.push(piece.state)
        return { ...piece, state: renamed(states.at(-2) ?? piece.state, piece.to) }
      },
    ],
    [
      'marks that are missing',
      false,
      (piece: HistoryPiece): HistoryPiece => ({ ...piece, marks: piece.marks.map(() => new Uint8Array()) }),
    ],
    [
      'marks of other places',
      false,
      (piece: HistoryPiece): HistoryPiece => ({ ...piece, marks: piece.marks.map(mark => mark.map(byte => byte ^ 1)) }),
    ],
  ])('%s', async (_, ok, alter) => {
    await using bed = await openBed()
    const scribe = await Scribe.found(bed.store)
    for (const one of MANY) await play(bed, scribe, one)
    await keepPast(lying(bed.store, alter), STREAM, { pieceEvents: PIECE_EVENTS })
    const check = (await verifyLedger(bed.store, STREAM)).checks.find(({ name }) => name === 'kept-past')
    expect(check).toMatchObject({ ok, severity: 'fault' })
  })
})

/** The state of an earlier piece, as if it were of this one. */
function renamed(state: string | null, head: number): string | null {
  if (state === null) return null
  const value: unknown = JSON.parse(state)
  return JSON.stringify(value, (key, part: unknown) => (key === 'head' || key === 'throughRevision' ? head : part))
}

describe('keeping', () => {
  it('reads what concerns a name, and nothing else, at any length of the history', async () => {
    const counts = await Promise.all(
      [40, 400].map(async beats => {
        await using bed = await openBed()
        const scribe = await Scribe.found(bed.store)
        await scribe.release(await scribe.hold('api'))
        await scribe.beatOften(await scribe.hold('docs'), beats)
        await keepPast(bed.store, STREAM, { pieceEvents: PIECE_EVENTS })
        const seen = counting(bed.store)
        const { events } = await readPast(seen.store, STREAM, { name: 'api', last: 10, nowMs: 0 as EpochMs })
        expect(events.map(({ type }) => type)).toEqual(['ACQUIRE', 'RELEASE'])
        return seen.read()
      }),
    )
    expect(counts[1]).toBe(counts[0])
  })

  it('keeps a state near every point, so that none is folded from the beginning', async () => {
    await using bed = await openBed()
    const scribe = await Scribe.found(bed.store)
    await scribe.beatOften(await scribe.hold('api'), 7 * PIECE_EVENTS_USUAL)
    const points = [1, 2.5, 6.9].map(pieces => ({ revision: Math.floor(pieces * PIECE_EVENTS_USUAL) }))
    await stateAt(bed.store, STREAM, { revision: 7 * PIECE_EVENTS_USUAL })
    for (const point of points) {
      const seen = counting(bed.store)
      expect((await stateAt(seen.store, STREAM, point)).state.counts.HEARTBEAT).toBe(point.revision - 1)
      expect(seen.read()).toBeLessThanOrEqual(PIECE_EVENTS_USUAL + READ_AHEAD)
    }
  })

  it('is not needed to begin at a CHECKPOINT of the archive', async () => {
    await using bed = await openBed()
    const scribe = await Scribe.found(bed.store)
    const lease = await scribe.hold('api')
    await scribe.beatOften(lease, READ_AHEAD)
    await scribe.tell({ type: 'checkpoint', reason: '' })
    const revision = scribe.state.head + 1
    await scribe.beat(lease)
    await play(bed, scribe, { do: 'checkpoint' })
    await play(bed, scribe, { do: 'cut' })
    const { past } = bed.store
    const nothing = { keep: () => Promise.resolve(false), keptState: () => Promise.resolve(null) }
    const seen = counting(withPast(bed.store, past && { ...past, ...nothing }))
    expect((await stateAt(seen.store, STREAM, { revision })).state.counts.HEARTBEAT).toBe(READ_AHEAD + 1)
    expect(seen.read()).toBeLessThan(10)
  })

  it('goes on where another process has stopped, and two at once keep one chain', async () => {
    await using bed = await openBed()
    const scribe = await Scribe.found(bed.store)
    for (const one of MANY) await play(bed, scribe, one)
    await using second = await openSqliteStore({
      path: bed.path ?? '',
      clock: bed.time.wall,
      bootClock: bed.time.boot,
    })
    const both = [bed.store, second, bed.store].map(store => keepPast(store, STREAM, { pieceEvents: PIECE_EVENTS }))
    await Promise.all(both)
    await keepPast(second, STREAM, { pieceEvents: PIECE_EVENTS })
    const kept = await bed.store.past?.kept(STREAM, PAST_VERSION, [0])
    const pieces = Math.floor((scribe.state.head + 1) / PIECE_EVENTS)
    expect(kept?.marks[0]?.map(({ from }) => from)).toEqual(Array.from({ length: pieces }, (_, n) => n * PIECE_EVENTS))
    expect(kept?.through).toBe(pieces * PIECE_EVENTS - 1)
  })

  it('is private to the users of the database', async () => {
    await using bed = await openBed()
    await played(bed, MANY)
    expect(statSync(`${bed.path ?? ''}.past`).mode & 0o777).toBe(0o600)
  })
})
