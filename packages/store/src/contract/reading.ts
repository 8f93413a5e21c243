import assert from 'node:assert/strict'
import { check, type ContractCheck } from './contract-check.ts'
import { appended, beat, beats, checkpoint, LEDGER, readAll, revision } from './sample-events.ts'

const MANY = 1300

async function revisionsOf(...args: Parameters<typeof readAll>): Promise<readonly number[]> {
  return (await readAll(...args)).map(entry => entry.revision)
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)
}

export const readingChecks: readonly ContractCheck[] = [
  check('reads give every event in order, forwards and backwards', async connect => {
    const store = await connect()
    for (let count = 0; count < MANY; count += 650) await appended(store, beats(650))
    assert.deepEqual(await revisionsOf(store), range(0, MANY - 1))
    assert.deepEqual(await revisionsOf(store, { direction: 'backwards' }), range(0, MANY - 1).toReversed())
  }),
  check('reads begin at a revision, inclusive, and end at a limit', async connect => {
    const store = await connect()
    await appended(store, beats(20))
    assert.deepEqual(await revisionsOf(store, { from: revision(15) }), range(15, 19))
    assert.deepEqual(await revisionsOf(store, { from: revision(5), limit: 3 }), [5, 6, 7])
    assert.deepEqual(await revisionsOf(store, { from: revision(5), direction: 'backwards', limit: 3 }), [5, 4, 3])
    assert.deepEqual(await revisionsOf(store, { direction: 'backwards', limit: 2 }), [19, 18])
    assert.deepEqual(await revisionsOf(store, { limit: 0 }), [])
  }),
  check('reads beyond the end, or of an empty stream, give nothing', async connect => {
    const store = await connect()
    assert.deepEqual(await revisionsOf(store), [])
    assert.deepEqual(await revisionsOf(store, { direction: 'backwards' }), [])
    await appended(store, beats(3))
    assert.deepEqual(await revisionsOf(store, { from: revision(3) }), [])
    assert.deepEqual(await revisionsOf(store, { from: revision(2 ** 40) }), [])
    assert.deepEqual(await revisionsOf(store, { from: revision(9), direction: 'backwards' }), [2, 1, 0])
  }),
  check('reads find their place across the gap of a CHECKPOINT', async connect => {
    const store = await connect()
    await appended(store, [checkpoint(), ...beats(3), checkpoint({ offset: 2 ** 32 }), ...beats(3)])
    const after = 2 ** 32 + 4
    const all = [0, 1, 2, 3, after, after + 1, after + 2, after + 3]
    assert.deepEqual(await revisionsOf(store), all)
    assert.deepEqual(await revisionsOf(store, { from: revision(50) }), all.slice(4))
    assert.deepEqual(
      await revisionsOf(store, { from: revision(50), direction: 'backwards' }),
      all.slice(0, 4).toReversed(),
    )
    assert.deepEqual(await revisionsOf(store, { from: revision(after + 1) }), all.slice(5))
  }),
  check('a read that is aborted ends without an error', async connect => {
    const store = await connect()
    for (let count = 0; count < MANY; count += 650) await appended(store, beats(650))
    const abort = new AbortController()
    let read = 0
    for await (const batch of store.read(LEDGER, { signal: abort.signal })) {
      read += batch.length
      abort.abort()
    }
    assert.ok(read > 0 && read < MANY, `${read} read`)
  }),
  check(
    'what was written comes back: unicode, deep JSON, unknown fields, and events that nobody knows',
    async connect => {
      const store = await connect()
      let deep: unknown = 'bottom'
      for (let depth = 0; depth < 100; depth += 1) deep = depth % 2 === 0 ? { deep } : [deep]
      const text = 'ü 漢字 \u{1f980} \u0000 \ud800 "\\\n$x'
      const actor = { host: 'h', bootId: null, pidNamespace: null, pid: 7, processStart: null, extra: 1 }
      const data = {
        lane: 'api',
        leaseId: 'api@1',
        token: 1,
        reason: text,
        metadata: { deep, text },
        later: [1.5, null, true],
      }
      const cause = beat()
      await appended(store, [beat('', { data, actor, causation: cause.eventId, runId: 'run' })])
      await appended(store, [
        beat('', { type: 'NOVEL', data: { deep } }),
        beat('', { schemaVersion: 9 }),
        beat('', { data: 'odd' }),
      ])
      const [entry, ...unknown] = await readAll(store)
      assert.ok(entry?.type === 'HEARTBEAT')
      assert.deepEqual(entry.data, data)
      assert.deepEqual([entry.actor, entry.causation, entry.runId], [actor, cause.eventId, 'run'])
      assert.deepEqual(
        unknown.map(one => one.type === 'UNRECOGNISED' && one.problem),
        ['unknown-type', 'newer-schema', 'invalid'],
      )
      assert.deepEqual(unknown[0]?.type === 'UNRECOGNISED' && unknown[0].raw.data, { deep })
    },
  ),
  check('the newest CHECKPOINT is found, whatever was written after it', async connect => {
    const store = await connect()
    assert.equal(await store.latestCheckpoint(LEDGER), null)
    await appended(store, [checkpoint(), beat()])
    assert.equal((await store.latestCheckpoint(LEDGER))?.revision, 0)
    await appended(store, [beat(), checkpoint(), ...beats(4)])
    assert.equal((await store.latestCheckpoint(LEDGER))?.revision, 3)
    await appended(store, [{ ...checkpoint(), schemaVersion: 99 }])
    assert.equal((await store.latestCheckpoint(LEDGER))?.revision, 3)
  }),
]
