import { hash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Revision } from '@holdfast/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemBootClock } from '../boot-clock.ts'
import { appended, beat, beats, checkpoint, epochMs, LEDGER, readAll } from '../contract/sample-events.ts'
import type { CompactResult, LogStore, NewEvent } from '../port.ts'
import { readHistory } from '../read-history.ts'
import { openSqliteStore } from '../sqlite.ts'
import { compactStream, type CutWrites } from './compact.ts'
import { connect } from './open-connection.ts'
import { StreamWriter } from './stream-writer.ts'

/** What one transaction may write and remove. */
const CHUNKS_MAX = 17
const REMOVED_MAX = 2_000
const DISCARDED_MAX = 20_000

const folder = mkdtempSync(join(tmpdir(), 'holdfast-compact-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A log of pieces, each of which ends with a CHECKPOINT, and three events after them. */
interface Sample {
  readonly path: string
  readonly events: number
  readonly digest: string
  readonly cut: Revision
  readonly earlierCut: Revision
  /** Among the last chunks, which are written with the cut. */
  readonly lateCut: Revision
}

async function make(name: string, pieces: number, eventsInPiece: number): Promise<Sample> {
  const path = join(folder, `${name}.db`)
  await using store = await openSqliteStore({ path })
  const { last: genesis } = await appended(store, [checkpoint()])
  const cuts = [genesis]
  for (let piece = 1; piece <= pieces; piece += 1) {
    const { last } = await appended(store, beats(eventsInPiece - 1))
    cuts.push((await appended(store, [checkpointAt(last)])).last)
  }
  const { last } = await appended(store, beats(3))
  const after = (count: number): Revision => cuts[count] ?? genesis
  const where = { cut: after(pieces), earlierCut: after(pieces >> 1), lateCut: after(pieces - 2) }
  return { path, events: last + 1, digest: await digestOf(store), ...where }
}

function checkpointAt(throughRevision: number): NewEvent {
  const event = checkpoint()
  return { ...event, data: { ...(event.data as object), throughRevision } }
}

/** All that was ever recorded, in short. */
async function digestOf(store: LogStore): Promise<string> {
  const hashes: string[] = []
  for await (const entries of readHistory(store, LEDGER)) {
    hashes.push(...entries.map(entry => hash('sha256', JSON.stringify(entry))))
  }
  return hash('sha256', hashes.join(''))
}

let copies = 0
function copyOf({ path: original }: Sample): string {
  const path = join(folder, `copy-${(copies += 1)}.db`)
  for (const suffix of ['', '-wal', '.head']) {
    if (existsSync(original + suffix)) cpSync(original + suffix, path + suffix)
  }
  return path
}

interface Rows {
  readonly events: number
  readonly chunks: number
  /** In the table that was set aside; `null`: there is none. */
  readonly setAside: number | null
}

/** What the tables hold, whoever may see it. */
function rows(path: string): Rows {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const count = (table: string): number => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'])
    const tables = database.prepare('SELECT name FROM sqlite_schema').all()
    const isSetAside = tables.some(({ name }) => name === 'events_set_aside')
    const setAside = isSetAside ? count('events_set_aside') : null
    return { events: count('events'), chunks: count('archive_chunks'), setAside }
  } finally {
    database.close()
  }
}

interface Surroundings {
  /** Called before each transaction, with how many there were. */
  readonly before?: (writes: number) => Promise<void> | void
  readonly altered?: (writes: CutWrites) => CutWrites
}

/** A process that compacts: on a connection of its own, transaction by transaction. */
async function compacting(
  path: string,
  at: Revision,
  { before = () => undefined, altered = writes => writes }: Surroundings = {},
): Promise<CompactResult> {
  const attempt = connect(path)
  if (attempt.kind === 'busy') throw new Error('nobody else is there')
  const connection = attempt.value
  const clocks = { wallMs: Date.now, bootClock: systemBootClock() }
  const writer = new StreamWriter(connection, clocks, () => undefined)
  let writes = 0
  try {
    return await compactStream(LEDGER, at, {
      connection,
      read: async work => work(),
      write: async work => {
        await before(writes)
        writes += 1
        const done = writer.transaction(work, () => undefined)
        if (done.kind === 'busy') throw new Error('transactions are over at once')
        return done.value
      },
      writes: altered(writer.cutWrites(LEDGER)),
    })
  } finally {
    connection.close()
  }
}

/** Compacts and is killed before its transaction of that number; true when it had no more to do. */
async function killedBefore(write: number, path: string, at: Revision): Promise<boolean> {
  const before = (writes: number): void => {
    if (writes === write) throw new Error('killed')
  }
  try {
    await compacting(path, at, { before })
    return true
  } catch (error) {
    expect(error).toMatchObject({ message: 'killed' })
    return false
  }
}

/** Everything is there once, every hash holds, and the log is either whole or cut. */
async function expectWhole(path: string, { digest, cut, earlierCut }: Sample): Promise<void> {
  await using store = await openSqliteStore({ path })
  expect(await digestOf(store)).toBe(digest)
  expect((await store.check(LEDGER)).filter(({ ok }) => !ok)).toEqual([])
  for await (const [first] of store.read(LEDGER, { limit: 1 })) expect([0, earlierCut, cut]).toContain(first?.revision)
}

/** Nothing is left of anything unfinished. */
async function expectClean(path: string, sample: Sample): Promise<void> {
  await expectWhole(path, sample)
  await using store = await openSqliteStore({ path })
  const log = await readAll(store)
  expect(log[0]?.revision).toBe(sample.cut)
  expect((await store.archive(LEDGER)).held?.events).toBe(sample.cut)
  expect(rows(path)).toMatchObject({ events: log.length, setAside: null })
}

/** What each transaction of a compaction wrote and removed. */
async function stepsOf(path: string, { cut, events }: Sample) {
  const seen = [rows(path)]
  const result = await compacting(path, cut, { before: () => void seen.push(rows(path)) })
  expect(result).toMatchObject({ eventsBefore: events, eventsAfter: 4 })
  expect(result.bytesReclaimed).toBeGreaterThan(0)
  seen.push(rows(path))
  return seen.slice(1).map((now, index) => {
    const last = seen[index] ?? now
    return {
      written: now.chunks - last.chunks,
      removed: last.events - now.events,
      discarded: (last.setAside ?? 0) - (now.setAside ?? 0),
    }
  })
}

const most = (counts: readonly number[]): number => Math.max(...counts)

describe('a compaction', () => {
  let sample: Sample
  beforeAll(async () => {
    sample = await make('sample', 40, 120)
  })

  test('keeps every transaction short and leaves nothing over', async () => {
    const path = copyOf(sample)
    const steps = await stepsOf(path, sample)
    expect(most(steps.map(({ removed }) => removed))).toBe(REMOVED_MAX)
    expect(most(steps.map(({ written }) => written))).toBeLessThanOrEqual(CHUNKS_MAX)
    expect(steps.filter(({ written }) => written > 0)).toHaveLength(3)
    await expectClean(path, sample)
  })

  test('killed before any of its transactions has done nothing or all, and the next one takes away what it left', async () => {
    for (let write = 0, done = false; !done; write += 1) {
      const path = copyOf(sample)
      done = await killedBefore(write, path, sample.cut)
      await expectWhole(path, sample)
      await compacting(path, sample.cut)
      await expectClean(path, sample)
      if (done) expect(write).toBeGreaterThan(4)
    }
  })

  test('killed before any of its transactions is no obstacle to one that cuts less far, nor to dropping the archive', async () => {
    for (let write = 0; write < 4; write += 1) {
      const path = copyOf(sample)
      await killedBefore(write, path, sample.cut)
      await using store = await openSqliteStore({ path })
      await store.compact(LEDGER, sample.earlierCut)
      await expectWhole(path, sample)
      const { held, dropped } = await store.dropArchive(LEDGER, epochMs(Date.now() + 3_600_000))
      const log = await readAll(store)
      expect([held, dropped?.events]).toEqual([null, log[0]?.revision])
      expect(rows(path).events).toBe(log.length)
    }
  })

  test('overtaken between any two of its transactions by another one comes to the same', async () => {
    for (const others of [sample.earlierCut, sample.cut]) {
      for (let write = 0; write < 5; write += 1) {
        const path = copyOf(sample)
        const before = async (writes: number): Promise<void> => {
          if (writes === write) await compacting(path, others)
        }
        await compacting(path, sample.cut, { before })
        await expectClean(path, sample)
      }
    }
  })

  test('brings nothing back that was archived and dropped by others meanwhile', async () => {
    for (const others of [sample.earlierCut, sample.lateCut, sample.cut]) {
      for (let write = 0; write < 3; write += 1) {
        const path = copyOf(sample)
        await using store = await openSqliteStore({ path })
        const before = async (writes: number): Promise<void> => {
          if (writes !== write) return
          await store.compact(LEDGER, others)
          await store.dropArchive(LEDGER, epochMs(Date.now() + 3_600_000))
        }
        await compacting(path, sample.cut, { before })
        const { held, dropped } = await store.archive(LEDGER)
        expect([dropped?.events, held?.events ?? 0]).toEqual([others, sample.cut - others])
        expect((await store.check(LEDGER)).filter(({ ok }) => !ok)).toEqual([])
        expect((await readAll(store))[0]?.revision).toBe(sample.cut)
      }
    }
  })

  test('whose archive is not whole is not made', async () => {
    const path = copyOf(sample)
    let left = 1
    const altered = (writes: CutWrites): CutWrites => ({
      ...writes,
      archive: (...args) => {
        left -= 1
        return left === 0 || writes.archive(...args)
      },
    })
    await expect(compacting(path, sample.cut, { altered })).rejects.toMatchObject({ code: 'corrupt' })
    await expectWhole(path, sample)
    await compacting(path, sample.cut)
    await expectClean(path, sample)
  })

  test('knows an event again that it has archived and not yet removed', async () => {
    const path = copyOf(sample)
    const known = beat('known')
    await using store = await openSqliteStore({ path })
    const first = await store.append(LEDGER, 'any', [known])
    const { last: at } = await appended(store, [checkpointAt(sample.events)])
    expect(await killedBefore(4, path, at)).toBe(false)
    expect((await readAll(store))[0]?.revision).toBe(at)
    expect(await store.append(LEDGER, 'any', [known])).toEqual(first)
  })
})

describe('the compaction of a long log', () => {
  let long: Sample
  beforeAll(async () => {
    long = await make('long', 51, 1000)
  })

  test('sets its table aside, keeps every transaction short, and leaves nothing over', async () => {
    const path = copyOf(long)
    await using other = await openSqliteStore({ path })
    await appended(other, [checkpoint(), ...beats(7)], { stream: 'other' })
    const steps = await stepsOf(path, long)
    // The table is set aside in one step; else nothing leaves it.
    expect(steps.filter(({ removed }) => removed > 0)).toHaveLength(1)
    expect(most(steps.map(({ discarded }) => discarded))).toBe(DISCARDED_MAX)
    expect(most(steps.map(({ written }) => written))).toBeLessThanOrEqual(CHUNKS_MAX)
    // A store that was open all the while, and another ledger in the same file.
    expect(await readAll(other, {}, 'other')).toHaveLength(8)
    const once = beat('once')
    const repeated = [await other.append('other', 'any', [once]), await other.append('other', 'any', [once])]
    expect(repeated[1]).toEqual(repeated[0])
    expect((await readAll(other)).map(({ revision }) => Number(revision))).toEqual(
      Array.from({ length: 4 }, (_, index) => long.cut + index),
    )
    expect(await digestOf(other)).toBe(long.digest)
    expect(rows(path)).toMatchObject({ events: 4 + 9, setAside: null })
  })

  test('killed before any of its transactions has lost nothing, and the next one takes away what it left', async () => {
    for (let write = 3, done = false; !done; write += 1) {
      const path = copyOf(long)
      done = await killedBefore(write, path, long.cut)
      await expectWhole(path, long)
      await compacting(path, long.cut)
      expect(rows(path)).toMatchObject({ events: 4, setAside: null })
      rmSync(path)
    }
  }, 120_000)

  test('removes only some at once where another ledger of the file is long too, and the rest the next time', async () => {
    const path = copyOf(long)
    await using store = await openSqliteStore({ path })
    for (let batch = 0; batch < 51; batch += 1) {
      await appended(store, batch === 0 ? [checkpoint(), ...beats(999)] : beats(1000), { stream: 'other' })
    }
    await store.compact(LEDGER, long.cut)
    const left = long.cut - 25 * REMOVED_MAX
    expect(rows(path)).toMatchObject({ events: left + 4 + 51_000, setAside: null })
    await expectWhole(path, long)
    await store.compact(LEDGER, long.cut)
    expect(rows(path)).toMatchObject({ events: 4 + 51_000, setAside: null })
    expect(await readAll(store, {}, 'other')).toHaveLength(51_000)
  })
})
