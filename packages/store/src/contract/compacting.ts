import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { LogEntry, Revision } from '@holdfast/core'
import { historyLength } from '../history-length.ts'
import type { Head, LogStore, NewEvent, SubscriptionItem } from '../port.ts'
import { readHistory } from '../read-history.ts'
import { check, type ContractCheck } from './contract-check.ts'
import {
  appended,
  beat,
  beats,
  checkpoint,
  codeOf,
  drained,
  epochMs,
  idsOf,
  LEDGER,
  readAll,
  revision,
} from './sample-events.ts'

/** Genesis and some beats, then a CHECKPOINT that says how far it stands for. */
async function withCheckpoint(store: LogStore, before: number): Promise<{ ids: readonly string[]; at: Revision }> {
  const events = [checkpoint(), ...beats(before)]
  const { last } = await appended(store, events)
  const { last: at } = await appended(store, [checkpointAt(last)])
  return { ids: events.map(({ eventId }) => eventId), at }
}

function checkpointAt(throughRevision: number, state: object = {}, offset = 0): NewEvent {
  const event = checkpoint()
  const carried = { carrier: 'inline', value: state }
  return { ...event, data: { ...(event.data as object), throughRevision, offset, state: carried } }
}

async function readArchive(store: LogStore, from?: Revision): Promise<readonly LogEntry[]> {
  return (await drained(store.readArchive(LEDGER, { from }))).flat()
}

async function firstItem(store: LogStore, after: Head): Promise<SubscriptionItem> {
  const abort = new AbortController()
  for await (const item of store.subscribe(LEDGER, after, { signal: abort.signal })) {
    abort.abort()
    return item
  }
  throw new Error('the subscription ended')
}

export const compactingChecks: readonly ContractCheck[] = [
  check('a compaction moves what stands before the CHECKPOINT into the archive, unchanged', async connect => {
    const store = await connect()
    const { at } = await withCheckpoint(store, 1200)
    await appended(store, beats(3))
    const whole = await readAll(store)
    const result = await store.compact(LEDGER, at)
    assert.deepEqual([result.eventsBefore, result.eventsAfter], [1205, 4])
    assert.ok(result.bytesReclaimed > 0)
    const archived = await readArchive(store)
    assert.deepEqual([...archived, ...(await readAll(store))], whole)
    assert.deepEqual(await readArchive(await connect(), revision(1100)), whole.slice(1100, 1201))
    assert.ok((await store.check(LEDGER)).every(({ ok }) => ok))
  }),
  check('revisions go on, and cutting again or before changes nothing', async connect => {
    const store = await connect()
    const { at } = await withCheckpoint(store, 5)
    await store.compact(LEDGER, at)
    const { first } = await appended(store, [beat('after')])
    assert.equal(first, at + 1)
    const again = await (await connect()).compact(LEDGER, at)
    assert.deepEqual(again, { eventsBefore: 2, eventsAfter: 2, bytesReclaimed: 0 })
    assert.equal((await store.compact(LEDGER, revision(0))).eventsAfter, 2)
    assert.equal(await codeOf(store.compact(LEDGER, revision(3))), 'invalid')
    assert.equal(await codeOf(store.compact(LEDGER, first)), 'invalid')
  }),
  check('two cuts make one archive', async connect => {
    const store = await connect()
    const { at, ids } = await withCheckpoint(store, 5)
    await store.compact(LEDGER, at)
    await appended(store, beats(4))
    const { last } = await appended(store, [checkpointAt(at + 4)])
    await store.compact(LEDGER, last)
    const archived = await readArchive(store)
    assert.equal(archived.length, ids.length + 5)
    assert.deepEqual(idsOf(archived).slice(0, ids.length), ids)
    assert.equal((await store.archive(LEDGER)).held?.events, archived.length)
    assert.ok((await store.check(LEDGER)).every(({ ok }) => ok))
  }),
  check(
    'the length of a history is what reading it gives: archived, dropped from, and past a gap in its revisions',
    async connect => {
      const store = await connect()
      const lengths = async () => [
        await historyLength(store, LEDGER),
        (await drained(readHistory(store, LEDGER))).flat().length,
      ]
      assert.deepEqual(await lengths(), [0, 0])
      const { at } = await withCheckpoint(store, 700)
      assert.deepEqual(await lengths(), [702, 702])
      await store.compact(LEDGER, at)
      await appended(store, beats(4))
      assert.deepEqual(await lengths(), [706, 706])
      const { last } = await appended(store, [checkpointAt(at + 4, {}, 10_000)])
      assert.equal(last, at + 5 + 10_000)
      assert.deepEqual(await lengths(), [707, 707])
      await store.compact(LEDGER, last)
      const newest = (await readArchive(store))[700]?.recordedAt ?? 0
      await store.dropArchive(LEDGER, epochMs(newest + 1))
      assert.ok(((await store.archive(LEDGER)).dropped?.events ?? 0) > 0)
      const [told, read] = await lengths()
      assert.ok(read !== undefined && read < 707)
      assert.equal(told, read)
    },
  ),
  check('reads begin with the CHECKPOINT, in both directions, and a commit is given it', async connect => {
    const store = await connect()
    const { at } = await withCheckpoint(store, 5)
    await appended(store, [beat('last')])
    await store.compact(LEDGER, at)
    const revisions = (entries: readonly LogEntry[]) => entries.map(entry => Number(entry.revision))
    assert.deepEqual(revisions(await readAll(store, { from: revision(2) })), [at, at + 1])
    assert.deepEqual(revisions(await readAll(store, { direction: 'backwards' })), [at + 1, at])
    assert.deepEqual(revisions(await readAll(store, { from: revision(2), direction: 'backwards' })), [])
    assert.equal((await store.latestCheckpoint(LEDGER))?.revision, at)
    let seen: number[] = []
    await store.commit(LEDGER, revision(2), {
      absorb: () => undefined,
      decide: ({ entries }) => {
        seen = revisions(entries)
        return []
      },
    })
    assert.deepEqual(seen, [at, at + 1])
  }),
  check('a subscription reports what it cannot give, and nothing when nothing is missing', async connect => {
    const store = await connect()
    const { at } = await withCheckpoint(store, 5)
    await store.compact(LEDGER, at)
    assert.deepEqual(await firstItem(store, 'none'), { kind: 'truncated', from: 0, to: at - 1 })
    assert.deepEqual(await firstItem(store, revision(2)), { kind: 'truncated', from: 3, to: at - 1 })
    assert.equal((await firstItem(store, revision(at - 1))).kind, 'entries')
    assert.equal((await firstItem(store, at)).kind, 'caught-up')
  }),
  check('a read that a compaction overtakes goes on with the CHECKPOINT', async connect => {
    const store = await connect()
    const { at } = await withCheckpoint(store, 1600)
    const seen: number[] = []
    for await (const entries of store.read(LEDGER)) {
      if (seen.length === 0) await store.compact(LEDGER, at)
      seen.push(...entries.map(entry => entry.revision))
    }
    assert.equal(seen.at(-1), at)
  }),
  check('a repeat of what was archived since is still the first answer', async connect => {
    const store = await connect()
    await appended(store, [checkpoint()])
    const once = beats(3)
    const first = await store.append(LEDGER, revision(0), once)
    const { last } = await appended(store, [checkpointAt(3)])
    await store.compact(LEDGER, last)
    assert.deepEqual(await store.append(LEDGER, revision(0), once), first)
    assert.equal((await store.append(LEDGER, revision(0), beats(1))).outcome, 'conflict')
  }),
  check('writers go on while it is compacted, and nothing is lost or doubled', async connect => {
    const store = await connect()
    const { at } = await withCheckpoint(store, 800)
    const writer = await connect()
    const others = Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        writer.commit(LEDGER, 'none', { absorb: () => undefined, decide: () => [beat(`w${index}`)] }),
      ),
    )
    const both = await Promise.all([store.compact(LEDGER, at), (await connect()).compact(LEDGER, at)])
    await others
    assert.ok(both.some(({ eventsBefore, eventsAfter }) => eventsBefore - eventsAfter === 801))
    const all = idsOf([...(await readArchive(store)), ...(await readAll(store))])
    assert.equal(all.length, 842)
    assert.equal(new Set(all).size, 842)
  }),
  check('archived history is dropped up to a CHECKPOINT, and said to be', async connect => {
    const store = await connect()
    const { at } = await withCheckpoint(store, 5)
    await appended(store, beats(2))
    const { last } = await appended(store, [checkpointAt(at + 2)])
    await store.compact(LEDGER, last)
    assert.deepEqual((await store.dropArchive(LEDGER, epochMs(0))).dropped, null)
    const times = (await readArchive(store)).map(({ recordedAt }) => recordedAt)
    const summary = await store.dropArchive(LEDGER, epochMs(Math.max(...times) + 1))
    assert.equal(summary.held, null)
    assert.deepEqual([summary.dropped?.from, summary.dropped?.to], [0, last - 1])
    assert.deepEqual(await readArchive(store), [])
    assert.ok((await store.check(LEDGER)).every(({ ok }) => ok))
  }),
  check('a state that is too large for one event goes to a side stream, and comes back', async connect => {
    const store = await connect()
    // Noise: it stays large however it is packed.
    const state = { noise: Array.from({ length: 40 }, () => randomBytes(20_000).toString('base64')) }
    await appended(store, [checkpoint()])
    const { last } = await appended(store, [checkpointAt(0, state)])
    await appended(store, [beat('after')])
    await store.compact(LEDGER, last)
    for (const connection of [store, await connect()]) {
      const [entry] = await readAll(connection)
      assert.ok(entry?.type === 'CHECKPOINT' && entry.data.state.carrier === 'inline')
      assert.deepEqual(entry.data.state.value, state)
      assert.deepEqual(await connection.latestCheckpoint(LEDGER), entry)
    }
  }),
]
