import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Head, LogStore, SubscriptionItem } from '../port.ts'
import { check, type ContractCheck } from './contract-check.ts'
import { appended, beat, beats, codeOf, drained, LEDGER, revision } from './sample-events.ts'

const RACING = 300

/** Follows until `count` entries have come; gives their revisions and the kinds of all items. */
async function follow(store: LogStore, after: Head, count: number): Promise<{ revisions: number[]; kinds: string[] }> {
  const abort = new AbortController()
  const revisions: number[] = []
  const kinds: string[] = []
  for await (const item of store.subscribe(LEDGER, after, { signal: abort.signal })) {
    kinds.push(item.kind)
    if (item.kind === 'entries') revisions.push(...item.entries.map(entry => entry.revision))
    if (revisions.length >= count && kinds.includes('caught-up')) abort.abort()
  }
  return { revisions, kinds }
}

async function itemFrom(iterator: AsyncIterator<SubscriptionItem>): Promise<SubscriptionItem | undefined> {
  const result = await iterator.next()
  return result.done === true ? undefined : result.value
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

export const subscribingChecks: readonly ContractCheck[] = [
  check('a subscription gives history, says once that it has caught up, and goes on live', async connect => {
    const store = await connect()
    const writer = await connect()
    await appended(writer, beats(5))
    for (const { after, from } of [
      { after: 'none' as const, from: 0 },
      { after: revision(2), from: 3 },
      { after: revision(4), from: 5 },
    ]) {
      const abort = new AbortController()
      const revisions: number[] = []
      const heads: Head[] = []
      const base = await writer.head(LEDGER)
      assert.ok(base !== 'none')
      for await (const item of store.subscribe(LEDGER, after, { signal: abort.signal })) {
        if (item.kind === 'entries') revisions.push(...item.entries.map(entry => entry.revision))
        if (item.kind === 'caught-up') {
          heads.push(item.head)
          await appended(writer, beats(2))
        }
        if (revisions.at(-1) === base + 2) abort.abort()
      }
      assert.deepEqual(heads, [base])
      assert.deepEqual(revisions, range(from, base + 2))
    }
  }),
  check('an empty stream is caught up at once', async connect => {
    const store = await connect()
    const iterator = store.subscribe(LEDGER, 'none', { signal: new AbortController().signal })[Symbol.asyncIterator]()
    assert.deepEqual(await itemFrom(iterator), { kind: 'caught-up', head: 'none' })
    await appended(store, [beat()])
    assert.equal((await itemFrom(iterator))?.kind, 'entries')
    await iterator.return?.()
  }),
  check('no gap and no duplicate while appends race with the switch from history to live', async connect => {
    const writers = [await connect(), await connect()]
    const readers = [await connect(), await connect()]
    const following = readers.map(reader => follow(reader, 'none', RACING))
    for (let count = 0; count < RACING; count += 10) {
      await Promise.all(
        Array.from({ length: 10 }, async (_, index) =>
          writers[index % 2]?.append(LEDGER, 'any', [beat(String(index))]),
        ),
      )
      // Lets followers come to the end of history in the middle of it.
      await nextTurn()
    }
    for (const { revisions, kinds } of await Promise.all(following)) {
      assert.deepEqual(revisions, range(0, RACING - 1))
      assert.equal(kinds.filter(kind => kind === 'caught-up').length, 1)
    }
  }),
  check('a consumer that is slow misses nothing and makes nobody wait', async connect => {
    const store = await connect()
    const writer = await connect()
    const abort = new AbortController()
    const iterator = store.subscribe(LEDGER, 'none', { signal: abort.signal })[Symbol.asyncIterator]()
    await iterator.next()
    for (let count = 0; count < 2000; count += 500) await appended(writer, beats(500))
    const revisions: number[] = []
    while (revisions.length < 2000) {
      const item = await itemFrom(iterator)
      if (item?.kind === 'entries') revisions.push(...item.entries.map(entry => entry.revision))
    }
    assert.deepEqual(revisions, range(0, 1999))
    abort.abort()
    assert.equal((await iterator.next()).done, true)
  }),
  check(
    'a subscription ends without an error when it is aborted, before, while waiting, or by leaving the loop',
    async connect => {
      const store = await connect()
      assert.deepEqual(await drained(store.subscribe(LEDGER, 'none', { signal: AbortSignal.abort() })), [])
      const abort = new AbortController()
      const iterator = store.subscribe(LEDGER, 'none', { signal: abort.signal })[Symbol.asyncIterator]()
      await iterator.next()
      const waiting = iterator.next()
      abort.abort()
      assert.equal((await waiting).done, true)
      for await (const item of store.subscribe(LEDGER, 'none', { signal: new AbortController().signal })) {
        if (item.kind === 'caught-up') break
      }
      await appended(store, [beat()])
    },
  ),
  check('a subscription after a revision that the store has lost is corrupt', async connect => {
    const store = await connect()
    await appended(store, beats(2))
    const subscription = store.subscribe(LEDGER, revision(9), { signal: new AbortController().signal })
    assert.equal(await codeOf(drained(subscription)), 'corrupt')
  }),
]
