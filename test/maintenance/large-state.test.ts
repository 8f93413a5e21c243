import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { brotliCompressSync } from 'node:zlib'
import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { parseEntry, type Revision } from '@holdfast/core'
import { checkpointData } from '@holdfast/core/internal'
import { compactLedger, exportLedger, importHoldfast, restoreBackup } from '@holdfast/engine/maintenance'
import { verifyLedger } from '@holdfast/projections'
import { StoreError, type LogStore } from '@holdfast/store'
import { isBeside } from '@holdfast/store/internal'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { describe, expect, test } from 'vitest'
import { withState } from '../../packages/store/src/beside/read-state.ts'
import { Bed, granted, historyOf } from './bed.ts'
import { beginLarge, sideNamedAt, sideTypes, unsealedOf, withSideAppends } from './large-state.ts'

// A state that is too large for its CHECKPOINT lies beside it (ADR 25): written after it, outside the queue, and sealed.

/** So many requests take two parts. */
const LARGE = 120

const KINDS = ['memory', 'sqlite', 'eventstoredb'] as const

async function expectSound(store: LogStore): Promise<void> {
  const { checks } = await verifyLedger(store, 'default')
  expect(checks.filter(({ ok }) => !ok)).toEqual([])
}

/** An event of a side stream: its type, and its data. */
type Side = Readonly<Record<string, unknown>>

function whole(event: Side | undefined): Side {
  if (event === undefined) throw new Error('there are fewer')
  return event
}

function sealedAs(side: readonly Side[], changes: Side): readonly Side[] {
  return [...side.slice(0, -1), { ...whole(side.at(-1)), ...changes }]
}

async function sideOf(store: LogStore, stream: string): Promise<readonly Side[]> {
  const events: Side[] = []
  for await (const entries of store.read(stream)) {
    for (const entry of entries) {
      if (entry.type === 'UNRECOGNISED') events.push({ type: entry.raw.type, ...(entry.raw.data as object) })
    }
  }
  return events
}

/** A store that holds these events, whatever is asked for. */
function readsAs(side: readonly Side[]): Pick<LogStore, 'read'> {
  const entries = side.map(({ type, ...data }, revision) =>
    parseEntry({
      eventId: randomUUID(),
      revision,
      recordedAt: 0,
      type: String(type),
      schemaVersion: 1,
      actor: null,
      data,
    }),
  )
  return {
    async *read(_stream, { direction, limit = Infinity } = {}) {
      yield (direction === 'backwards' ? entries.toReversed() : entries).slice(0, limit)
    },
  }
}

async function headOf(store: LogStore): Promise<number> {
  return Number(await store.head('default'))
}

/** A process that is killed before its append number `at` to a side stream. */
function killedAt(store: LogStore, at: number): LogStore {
  return withSideAppends(store, number => {
    if (number >= at) throw new StoreError('unavailable', 'killed')
  })
}

/** A process that stands still before its append number `at` to a side stream. */
function stoppedAt(store: LogStore, at: number) {
  const reached = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const stopped = withSideAppends(store, async number => {
    if (number !== at) return
    reached.resolve()
    await goOn.promise
  })
  return { store: stopped, reached: reached.promise, goOn: goOn.resolve }
}

describe.each(KINDS)('a state beside its CHECKPOINT on %s', kind => {
  test('is what whoever begins there gets, and the log holds only where it lies', async () => {
    await using bed = new Bed(kind)
    const store = await bed.store()
    await beginLarge(store, LARGE)
    const ledger = await bed.ledger(undefined, store)
    await granted(ledger, { lane: 'api', holder: 'A' })
    await ledger.checkpoint()
    const written = (await historyOf(store)).at(-1)
    expect(isBeside(written)).toBe(true)
    expect(JSON.stringify(written).length).toBeLessThan(4_096)
    const newest = await store.latestCheckpoint('default')
    expect(newest?.revision).toBe(2)
    expect(newest?.data.state).toEqual(checkpointData(ledger.state, { reason: '' }).state)
    await expectSound(store)
    const other = await bed.ledger()
    expect((await other.acquire({ lane: 'api', holder: 'B' })).outcome).toBe('refused')
  })

  test.each(kind === 'memory' ? [0, 2] : [1])(
    'a writer that is killed before its append %i leaves what the next compaction removes',
    async at => {
      await using bed = new Bed(kind)
      const store = await bed.store()
      await beginLarge(store, LARGE)
      const killed = await bed.ledger(undefined, killedAt(store, at))
      await granted(killed, { lane: 'api', holder: 'A' })
      await expect(killed.checkpoint()).rejects.toMatchObject({ code: 'timeout-unknown-outcome' })
      const stream = await sideNamedAt(store, 2)
      expect(await unsealedOf(store)).toEqual([{ revision: 2, stream, parts: at }])
      await expectSound(store)
      // Nobody begins there, and no log does.
      const other = await bed.ledger()
      expect((await store.latestCheckpoint('default'))?.revision).toBe(0)
      await expect(store.compact('default', 2 as Revision)).rejects.toMatchObject({ code: 'invalid' })
      expect((await other.acquire({ lane: 'api', holder: 'B' })).outcome).toBe('refused')
      expect((await compactLedger(other)).eventsAfter).toBe(1)
      expect(await unsealedOf(store)).toEqual([])
      expect(await sideTypes(store, stream)).toEqual(['ABANDONED'])
      await expectSound(store)
      await expectSound((await bed.ledger()).store)
    },
  )

  test('commands and beats go on while it is written, and it stays the state of its revision', async () => {
    await using bed = new Bed(kind)
    const store = await bed.store()
    await beginLarge(store, LARGE)
    const stopped = stoppedAt(store, 0)
    const ledger = await bed.ledger(undefined, stopped.store)
    const lease = await granted(ledger, { lane: 'api', holder: 'A' })
    const cut = ledger.checkpoint()
    await stopped.reached
    const { lane, token } = lease
    await bed.time.to(1)
    expect((await ledger.heartbeat({ lane, token, holder: 'A' })).outcome).toBe('beaten')
    await granted(ledger, { lane: 'web', holder: 'A' })
    await ledger.release({ lane, token, holder: 'A' })
    stopped.goOn()
    await cut
    const newest = await store.latestCheckpoint('default')
    expect(newest?.revision).toBe(2)
    expect(newest?.data.state).toMatchObject({
      value: { leases: [{ leaseId: lease.leaseId, lastBeatAtMs: lease.lastBeatAtMs }] },
    })
    await expectSound(store)
  })

  test('whoever is given up while it stands still writes no more, and a sealed one is never given up', async () => {
    await using bed = new Bed(kind)
    const store = await bed.store()
    await beginLarge(store, LARGE)
    const stopped = stoppedAt(store, 1)
    const slow = await bed.ledger(undefined, stopped.store)
    const cut = slow.checkpoint().catch((error: unknown) => error)
    await stopped.reached
    const other = await bed.ledger()
    await granted(other, { lane: 'api', holder: 'B' })
    await compactLedger(other)
    const sealed = await store.latestCheckpoint('default')
    stopped.goOn()
    expect(await cut).toMatchObject({ code: 'timeout-unknown-outcome' })
    const [, unsealed] = await historyOf(store)
    expect(isBeside(unsealed) && (await sideTypes(store, unsealed.data.state.stream))).toEqual(['ABANDONED'])
    expect(await store.latestCheckpoint('default')).toEqual(sealed)
    await granted(slow, { lane: 'web', holder: 'A' })
    await expectSound(store)
  })

  test('a state goes with the archived history that is dropped, and not before', async () => {
    await using bed = new Bed(kind)
    await beginLarge(await bed.store(), LARGE)
    const ledger = await bed.ledger()
    const { store } = ledger
    const streams: string[] = []
    for (const [index, lane] of ['api', 'web', 'db'].entries()) {
      await bed.time.to(index + 1)
      await granted(ledger, { lane, holder: 'A' })
      await compactLedger(ledger)
      streams.push(await sideNamedAt(store, await headOf(store)))
    }
    const before = await Promise.all(streams.map(async stream => sideTypes(store, stream)))
    await store.dropArchive('default', await store.now('default'))
    const { held } = await store.archive('default')
    const after = await Promise.all(streams.map(async stream => sideTypes(store, stream)))
    // Where the store's time has gone on, all of the archive is dropped.
    const kept = before.map((_, index) => 2 * index + 2 >= (held?.from ?? 6))
    expect(after).toEqual(before.map((types, index) => (kept[index] === true ? types : ['ABANDONED'])))
    expect(kept).toEqual([false, held !== null, true])
    await expectSound(store)
  })

  test('two processes write theirs at once, and both hold', async () => {
    await using bed = new Bed(kind)
    await beginLarge(await bed.store(), LARGE)
    const [one, two] = [await bed.ledger(), await bed.ledger()]
    await Promise.all([one.checkpoint(), granted(one, { lane: 'api', holder: 'A' }), two.checkpoint()])
    const history = await historyOf(one.store)
    expect(history.filter(isBeside)).toHaveLength(2)
    expect(await unsealedOf(one.store)).toEqual([])
    await expectSound(two.store)
  })

  test('whoever is behind where the log begins now goes on from the state there', async () => {
    await using bed = new Bed(kind)
    await beginLarge(await bed.store(), LARGE)
    const [behind, other] = [await bed.ledger(), await bed.ledger()]
    await granted(other, { lane: 'api', holder: 'B' })
    await compactLedger(other)
    await granted(other, { lane: 'web', holder: 'B' })
    expect((await behind.acquire({ lane: 'api', holder: 'A' })).outcome).toBe('refused')
    expect((await behind.acquire({ lane: 'web', holder: 'A' })).outcome).toBe('refused')
    expect(behind.state.unreadable).toEqual([])
    // So does a subscription that begins there.
    const ended = new AbortController()
    for await (const item of behind.store.subscribe('default', 'none', { signal: ended.signal })) {
      if (item.kind !== 'entries') continue
      const [first] = item.entries
      expect(first?.type === 'CHECKPOINT' && first.data.state.carrier).toBe('inline')
      break
    }
    ended.abort()
    await expectSound(behind.store)
  })

  test('an export carries it, and one that was not sealed is passed over where it is imported', async () => {
    await using bed = new Bed(kind)
    const store = await bed.store()
    await beginLarge(store, LARGE)
    const ledger = await bed.ledger(undefined, store)
    await ledger.checkpoint()
    const killed = await bed.ledger(undefined, killedAt(store, 0))
    await expect(killed.checkpoint()).rejects.toThrow('readers skip it')
    await granted(ledger, { lane: 'api', holder: 'A' })
    await compactLedger(ledger)
    const file = join(bed.folder, 'export.jsonl')
    let text = ''
    for await (const piece of exportLedger(store, 'default')) text += piece.text
    await writeFile(file, text)
    expect(text.split('"carrier":"beside"')).toHaveLength(2)
    await using target = new Bed('sqlite')
    const copy = await target.store()
    await importHoldfast(copy, 'default', file)
    await expectSound(copy)
    const imported = await target.ledger(undefined, copy)
    expect(checkpointData(imported.state, { reason: '' })).toEqual(checkpointData(ledger.state, { reason: '' }))
    expect((await imported.acquire({ lane: 'api', holder: 'B' })).outcome).toBe('refused')
  })
})

describe('what is read beside a CHECKPOINT', () => {
  const packed = (text: string): string => brotliCompressSync(text).toString('base64')

  test.each<[string, (types: readonly Side[]) => readonly Side[]]>([
    ['a part is missing', side => side.toSpliced(0, 1)],
    ['a part says something else', ([first, ...rest]) => [{ ...whole(first), text: packed('{}') }, ...rest]],
    ['a part cannot be unpacked', ([first, ...rest]) => [{ ...whole(first), text: 'no' }, ...rest]],
    ['parts are in another order', ([first, second, ...rest]) => [whole(second), whole(first), ...rest]],
    ['the seal is for another revision', side => sealedAs(side, { throughRevision: 7 })],
    ['the seal counts too few', side => sealedAs(side, { parts: 1 })],
    ['the seal cannot be read', side => sealedAs(side, { sha256: null })],
  ])('is corrupt where %s', async (_, alter) => {
    await using bed = new Bed('memory')
    const store = await bed.store()
    await beginLarge(store, LARGE)
    const ledger = await bed.ledger(undefined, store)
    await ledger.checkpoint()
    const checkpoint = (await historyOf(store)).find(isBeside)
    if (checkpoint === undefined) throw new Error('none lies beside')
    const side = await sideOf(store, checkpoint.data.state.stream)
    expect((await withState(readsAs(side), checkpoint))?.data.state.carrier).toBe('inline')
    await expect(withState(readsAs(alter(side)), checkpoint)).rejects.toMatchObject({ code: 'corrupt' })
  })
})

describe('a state beside its CHECKPOINT, on SQLite alone', () => {
  test.each([
    ['a part is lost', "DELETE FROM events WHERE event_id LIKE 'PART-0-%'"],
    ['a part was changed', "UPDATE events SET body = replace(body, '\"index\":0', '\"index\":1') WHERE type = 'PART'"],
  ])('where %s, no process begins there, and verify says so', async (_, damage) => {
    await using bed = new Bed('sqlite')
    const store = await bed.store()
    await beginLarge(store, LARGE)
    const ledger = await bed.ledger(undefined, store)
    await ledger.checkpoint()
    await ledger.close()
    const database = new DatabaseSync(bed.path)
    database.exec(damage)
    database.close()
    const damaged = await bed.store()
    await expect(bed.ledger(undefined, damaged)).rejects.toMatchObject({ code: 'corrupt' })
    await expect(damaged.compact('default', 1 as Revision)).rejects.toMatchObject({ code: 'corrupt' })
    expect(await verifyLedger(await bed.store(), 'default')).toMatchObject({ ok: false })
  })

  test('each transaction takes one part, and others commit between any two', async () => {
    await using bed = new Bed('sqlite')
    const store = await bed.store()
    await beginLarge(store, 3 * LARGE)
    const other = await bed.ledger()
    const sizes: number[] = []
    const counted = withSideAppends(store, async (number, event) => {
      sizes.push(Buffer.byteLength(JSON.stringify(event)))
      await granted(other, { lane: `lane ${number}`, holder: 'B' })
    })
    const ledger = await bed.ledger(undefined, counted)
    await ledger.checkpoint()
    expect(sizes.length).toBeGreaterThan(3)
    expect(Math.max(...sizes)).toBeLessThan(400 * 1024)
    await expectSound(store)
  })

  test('a backup between the CHECKPOINT and the seal is restored, and compacted', async () => {
    await using bed = new Bed('sqlite')
    const store = await bed.store()
    await beginLarge(store, LARGE)
    const stopped = stoppedAt(store, 1)
    const ledger = await bed.ledger(undefined, stopped.store)
    await granted(ledger, { lane: 'api', holder: 'A' })
    const cut = ledger.checkpoint()
    await stopped.reached
    const backup = join(bed.folder, 'backup.db')
    await store.backup?.(backup)
    stopped.goOn()
    await cut
    await ledger.close()
    const path = join(bed.folder, 'restored.db')
    const clocks = { clock: bed.time.wall, bootClock: bed.time.boot }
    await restoreBackup(backup, path, { force: true, actor: null, ...clocks })
    const restored = await bed.ledger(undefined, await openSqliteStore({ path, ...clocks }))
    expect(restored.state.leases.size).toBe(1)
    await compactLedger(restored)
    expect(await unsealedOf(restored.store)).toEqual([])
    await expectSound(restored.store)
  })
})
