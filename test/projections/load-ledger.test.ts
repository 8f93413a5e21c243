import { randomUUID } from 'node:crypto'
import { writeFile, rm } from 'node:fs/promises'
import { initialState, snapshotState, type LedgerState, type LogEntry } from '@holdfast/core'
import { LedgerFold, loadLedger } from '@holdfast/projections'
import { FOLD_VERSION, SNAPSHOT_AFTER_EVENTS } from '@holdfast/projections/internal'
import type { LogStore, Snapshot } from '@holdfast/store'
import { openSqliteStore } from '@holdfast/store/sqlite'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { altered } from './altered-store.ts'
import { Scribe, STREAM } from './scribe.ts'
import { BEDS } from './stores.ts'

/** Counts the entries that are read. */
function metered(store: LogStore): { readonly store: LogStore; readonly read: () => number } {
  let read = 0
  const changes: Partial<LogStore> = {
    async *read(stream, options) {
      for await (const entries of store.read(stream, options)) {
        read += entries.length
        yield entries
      }
    },
  }
  return { store: altered(store, changes), read: () => read }
}

async function wholeFold(store: LogStore): Promise<LedgerState> {
  const fold = new LedgerFold()
  for await (const entries of store.read(STREAM)) fold.absorb(entries)
  return fold.state
}

/** A ledger that is long enough to be cached. */
async function longLedger(store: LogStore): Promise<Scribe> {
  const scribe = await Scribe.found(store)
  const api = await scribe.hold('api', { runId: 'run-1' })
  await scribe.beatOften(api, SNAPSHOT_AFTER_EVENTS + 1)
  await scribe.tell({ type: 'halt', handle: 'api', lane: 'api' })
  return scribe
}

async function cachedSnapshot(store: LogStore): Promise<Snapshot> {
  const ledgerId = (await store.latestCheckpoint(STREAM))?.data.ledgerId
  const snapshot = ledgerId && (await store.loadSnapshot(STREAM, { ledgerId, codeVersion: FOLD_VERSION }))
  if (!snapshot) throw new Error('no snapshot was cached')
  return snapshot
}

const same = (fold: LedgerFold, state: LedgerState) => {
  expect(snapshotState(fold.state)).toEqual(snapshotState(state))
  expect(fold.state.head).toBe(state.head)
}

describe.each(BEDS)('loading a ledger from $kind', ({ open }) => {
  it('an empty stream loads as nothing', async () => {
    await using bed = await open()
    const fold = await loadLedger(bed.store, STREAM)
    expect(fold.after).toBe('none')
    expect(fold.lastEventId).toBeNull()
  })

  it('snapshot and tail give the fold from the start, and only the tail is read (law 9)', async () => {
    await using bed = await open()
    const scribe = await longLedger(bed.store)
    await loadLedger(bed.store, STREAM)
    await scribe.hold('docs')
    await scribe.tell({ type: 'spawn', lane: 'later', holder: 'bob' })
    const { store, read } = metered(bed.store)

    const fold = await loadLedger(store, STREAM)

    same(fold, await wholeFold(bed.store))
    expect(fold.lastEventId).toBe(scribe.written.at(-1)?.type === 'SPAWN' && lastId(scribe.written))
    expect(read()).toBeLessThan(10)
  })

  it('a short ledger is not cached', async () => {
    await using bed = await open()
    await Scribe.found(bed.store)
    await loadLedger(bed.store, STREAM)
    await expect(cachedSnapshot(bed.store)).rejects.toThrow('no snapshot')
  })

  const wrong: readonly [string, (snapshot: Snapshot) => Snapshot][] = [
    ['with a damaged state', snapshot => ({ ...snapshot, state: { checkpoint: 'gone' } })],
    ['without a state', snapshot => ({ ...snapshot, state: null })],
    ['of another ledger', snapshot => ({ ...snapshot, state: withCheckpoint(snapshot, { ledgerId: randomUUID() }) })],
    ['through another revision', snapshot => ({ ...snapshot, state: withState(snapshot, { head: 3 }) })],
    ['after another event', snapshot => ({ ...snapshot, state: withState(snapshot, { lastEventId: randomUUID() }) })],
    ['with a lease that is none', snapshot => ({ ...snapshot, state: withLeases(snapshot, [{ lane: 'api' }]) })],
  ]
  it.each(wrong)('a snapshot %s is ignored', async (_, damage) => {
    await using bed = await open()
    await longLedger(bed.store)
    await loadLedger(bed.store, STREAM)
    const snapshot = damage(await cachedSnapshot(bed.store))
    const loadSnapshot = () => Promise.resolve(snapshot)
    const saved: Snapshot[] = []
    const saveSnapshot = (_: string, one: Snapshot) => Promise.resolve(void saved.push(one))

    const fold = await loadLedger(altered(bed.store, { loadSnapshot, saveSnapshot }), STREAM)

    same(fold, await wholeFold(bed.store))
    expect(saved).toHaveLength(1)
  })

  it('a snapshot of newer code is ignored, whatever it holds', async () => {
    await using bed = await open()
    await longLedger(bed.store)
    await loadLedger(bed.store, STREAM)
    const ours = await cachedSnapshot(bed.store)
    await bed.store.saveSnapshot(STREAM, { ...ours, codeVersion: `${FOLD_VERSION}-next`, state: withLeases(ours, []) })

    same(await loadLedger(bed.store, STREAM), await wholeFold(bed.store))
    expect((await cachedSnapshot(bed.store)).state).toEqual(ours.state)
  })

  it('a snapshot that was taken earlier than it says is ignored', async () => {
    await using bed = await open()
    await longLedger(bed.store)
    await loadLedger(bed.store, STREAM)
    const snapshot = await cachedSnapshot(bed.store)
    const early = withCheckpoint(snapshot, { throughRevision: snapshot.throughRevision - 1 })
    const loadSnapshot = () => Promise.resolve({ ...snapshot, state: early })
    const { store, read } = metered(altered(bed.store, { loadSnapshot }))
    same(await loadLedger(store, STREAM), await wholeFold(bed.store))
    expect(read(), 'all of it was read').toBeGreaterThan(SNAPSHOT_AFTER_EVENTS)
  })

  it('a snapshot that cannot be read or written fails no query', async () => {
    await using bed = await open()
    await longLedger(bed.store)
    const fails = () => Promise.reject(new Error('read-only file system'))
    const fold = await loadLedger(altered(bed.store, { loadSnapshot: fails, saveSnapshot: fails }), STREAM)
    same(fold, await wholeFold(bed.store))
  })

  it('a snapshot from before the newest CHECKPOINT is passed over', async () => {
    await using bed = await open()
    const scribe = await longLedger(bed.store)
    await loadLedger(bed.store, STREAM)
    await scribe.tell({ type: 'configure', config: { ...scribe.state.config, graceMs: 7 } })
    const { store, read } = metered(bed.store)
    same(await loadLedger(store, STREAM), await wholeFold(bed.store))
    expect(read()).toBeLessThan(10)
  })

  it('a CHECKPOINT that cannot be read is passed over while older history is there', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('api')
    const genesis = scribe.written[0]
    if (genesis?.type !== 'CHECKPOINT') throw new Error('no genesis was written')
    const state = { carrier: 'inline', value: 'nonsense' }
    await scribe.forge({ type: 'CHECKPOINT', data: { ...genesis.data, throughRevision: 1, state } })
    const fold = await loadLedger(bed.store, STREAM)
    expect(fold.state.leases.size).toBe(1)
    expect(fold.state.unreadable).toEqual([2])
  })

  it('a log that only has a CHECKPOINT that cannot be read is corrupt, never empty', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const genesis = scribe.written[0]
    if (genesis?.type !== 'CHECKPOINT') throw new Error('no genesis was written')
    const state = { carrier: 'parts', stream: 'side', parts: 1, sha256: 'a'.repeat(64) }
    const other = 'other'
    await bed.store.append(other, 'none', [
      { eventId: randomUUID(), type: 'CHECKPOINT', schemaVersion: 1, actor: null, data: { ...genesis.data, state } },
    ])
    await expect(loadLedger(bed.store, other)).rejects.toMatchObject({ code: 'corrupt' })
  })
})

describe('loading a ledger', () => {
  it('a snapshot place that is no folder fails no query', async () => {
    const [, sqlite] = BEDS
    await using bed = await sqlite.open()
    const scribe = await longLedger(bed.store)
    const place = `${bed.path ?? ''}.snap`
    await rm(place, { recursive: true, force: true })
    await writeFile(place, 'in the way')
    const { path } = bed
    if (path === null) throw new Error('a SQLite bed has a path')
    await using store = await openSqliteStore({ path, clock: bed.time.wall, bootClock: bed.time.boot })
    const fold = await loadLedger(store, STREAM)
    expect(fold.state.head).toBe(scribe.state.head)
  })

  it('entries that were folded change nothing, in any division into batches', async () => {
    const [memory] = BEDS
    await using bed = await memory.open()
    const scribe = await Scribe.found(bed.store)
    for (const lane of ['a', 'b', 'c', 'd']) await scribe.hold(lane)
    const { written } = scribe
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 8 }), parts => {
        const fold = new LedgerFold(initialState())
        let reached = 0
        for (const [from, count] of parts) {
          // A subscription never leaves a gap, but it may give again what was given.
          const start = Math.min(from, reached)
          fold.absorb(written.slice(start, start + count))
          reached = Math.max(reached, Math.min(written.length, start + count))
        }
        fold.absorb(written)
        fold.absorb(written.slice(0, 2))
        expect(snapshotState(fold.state)).toEqual(snapshotState(scribe.state))
        expect(fold.lastEventId).toBe(lastId(written))
      }),
    )
  })
})

function lastId(entries: readonly LogEntry[]): string | undefined {
  const last = entries.at(-1)
  return last === undefined || last.type === 'UNRECOGNISED' ? undefined : last.eventId
}

function withState(snapshot: Snapshot, changes: object): object {
  return { ...objectOf(snapshot.state), ...changes }
}

function withCheckpoint(snapshot: Snapshot, changes: object): object {
  return withState(snapshot, {
    checkpoint: { ...objectOf(Reflect.get(objectOf(snapshot.state), 'checkpoint')), ...changes },
  })
}

function withLeases(snapshot: Snapshot, leases: readonly unknown[]): object {
  const checkpoint = objectOf(Reflect.get(objectOf(snapshot.state), 'checkpoint'))
  const value = objectOf(Reflect.get(objectOf(Reflect.get(checkpoint, 'state')), 'value'))
  return withCheckpoint(snapshot, { state: { carrier: 'inline', value: { ...value, leases } } })
}

function objectOf(value: unknown): object {
  if (typeof value !== 'object' || value === null) throw new Error('no object')
  return value
}
