import assert from 'node:assert/strict'
import { APPEND_BYTES_MAX, EVENT_BYTES_MAX } from '../port.ts'
import { check, type ContractCheck } from './contract-check.ts'
import { appended, beat, beats, checkpoint, codeOf, idsOf, LEDGER, readAll, revision } from './sample-events.ts'

export const appendingChecks: readonly ContractCheck[] = [
  check('a stream begins without a head and its first event has revision 0', async connect => {
    const store = await connect()
    assert.equal(await store.head(LEDGER), 'none')
    const result = await appended(store, [beat()])
    assert.deepEqual([result.first, result.last, await store.head(LEDGER)], [0, 0, 0])
  }),
  check('an append at another head is a conflict that names the actual one and writes nothing', async connect => {
    const store = await connect()
    await appended(store, beats(3))
    for (const expected of ['none', revision(1), revision(7)] as const) {
      assert.deepEqual(await store.append(LEDGER, expected, [beat()]), { outcome: 'conflict', actual: 2 })
    }
    assert.deepEqual(await store.append('other', revision(0), [beat()]), { outcome: 'conflict', actual: 'none' })
    assert.equal((await readAll(store)).length, 3)
  }),
  check('a batch is one piece: consecutive revisions in its order, or nothing', async connect => {
    const store = await connect()
    const batch = beats(5)
    const { first, last } = await appended(store, batch)
    assert.deepEqual([first, last], [0, 4])
    const faulty = [beat(), beat('', { data: 1n }), beat()]
    assert.equal(await codeOf(store.append(LEDGER, revision(4), faulty)), 'invalid')
    const again = beat()
    assert.equal(await codeOf(store.append(LEDGER, revision(4), [again, again])), 'invalid')
    assert.equal(await codeOf(store.append(LEDGER, revision(4), [])), 'invalid')
    assert.deepEqual(
      idsOf(await readAll(store)),
      batch.map(({ eventId }) => eventId),
    )
  }),
  check(
    'a repeat of the same ids at the same head answers as at first, also after others have appended',
    async connect => {
      const store = await connect()
      await appended(store, [beat()])
      const batch = beats(3)
      const first = await store.append(LEDGER, revision(0), batch)
      assert.deepEqual(await store.append(LEDGER, revision(0), batch), first)
      await appended(await connect(), beats(2))
      assert.deepEqual(await store.append(LEDGER, revision(0), batch), first)
      assert.equal(await store.head(LEDGER), 5)
    },
  ),
  check('anything but a full repeat at its own place is a conflict', async connect => {
    const store = await connect()
    const batch = beats(3)
    await appended(store, batch)
    await appended(store, [beat()])
    const conflict = { outcome: 'conflict', actual: 3 }
    const [first, second, third] = batch
    assert.ok(first && second && third)
    assert.deepEqual(await store.append(LEDGER, 'none', [second]), conflict)
    assert.deepEqual(await store.append(LEDGER, 'none', [first, third]), conflict)
    assert.deepEqual(await store.append(LEDGER, revision(1), batch), conflict)
    assert.deepEqual(await store.append(LEDGER, 'none', [...batch, beat(), beat()]), conflict)
  }),
  check('an append at any head never conflicts, and its repeat writes nothing', async connect => {
    const store = await connect()
    await appended(store, beats(2))
    const late = beat('late')
    const first = await store.append(LEDGER, 'any', [late])
    await appended(store, beats(2))
    assert.deepEqual(await store.append(LEDGER, 'any', [late]), first)
    assert.equal(await store.head(LEDGER), 4)
  }),
  check('of appends at one head exactly one wins', async connect => {
    const stores = [await connect(), await connect(), await connect()]
    const results = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => stores[index % 3]?.append(LEDGER, 'none', [beat()])),
    )
    assert.equal(results.filter(result => result?.outcome === 'appended').length, 1)
    assert.equal(await stores[0]?.head(LEDGER), 0)
  }),
  check('events and appends beyond their size are refused before anything is written', async connect => {
    const store = await connect()
    const tooLarge = beat('x'.repeat(EVENT_BYTES_MAX))
    assert.equal(await codeOf(store.append(LEDGER, 'none', [tooLarge])), 'invalid')
    const half = Math.ceil(APPEND_BYTES_MAX / 2)
    assert.equal(
      await codeOf(store.append(LEDGER, 'none', [beat('x'.repeat(half)), beat('y'.repeat(half))])),
      'invalid',
    )
    assert.equal(await codeOf(store.append(LEDGER, 'none', [beat('é'.repeat(EVENT_BYTES_MAX / 2))])), 'invalid')
    assert.equal(await store.head(LEDGER), 'none')
    await appended(store, [beat('x'.repeat(EVENT_BYTES_MAX - 1024))])
    assert.equal((await readAll(store)).length, 1)
  }),
  check('the offset of a CHECKPOINT applies from itself on and may not go back', async connect => {
    const store = await connect()
    await appended(store, [checkpoint(), beat()])
    const { first, last } = await appended(store, [beat(), checkpoint({ offset: 100 }), beat()])
    assert.deepEqual([first, last], [2, 104])
    assert.deepEqual(
      (await readAll(store)).map(entry => entry.revision),
      [0, 1, 2, 103, 104],
    )
    assert.equal(await codeOf(store.append(LEDGER, revision(104), [checkpoint({ offset: 99 })])), 'invalid')
    assert.equal((await appended(store, [beat()])).first, 105)
  }),
]
