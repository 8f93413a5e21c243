import assert from 'node:assert/strict'
import { LedgerId } from '@holdfast/core'
import { checkStreamName } from '../stream-name.ts'
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

const HOSTILE_NAMES = [
  '',
  ' ',
  'a b',
  ' a',
  'a\nb',
  '$x',
  '$all',
  'x$',
  'a/b/../c',
  "'; DROP TABLE events; --",
  '%',
  'a%',
  'a_b',
  'ä',
  'a\u0308',
  'A',
  'a',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '漢字\u{1f980}',
  'x'.repeat(256),
  'x'.repeat(5000),
  '__proto__',
  'constructor',
  '.',
  '..',
  '-',
  'default-parts',
]

const KEY = { ledgerId: LedgerId.parse('01890a5d-ac96-774b-bcce-b302099a8057'), codeVersion: '1' }

export const keepingChecks: readonly ContractCheck[] = [
  check('ledgers of one store are apart', async connect => {
    const store = await connect()
    const a = beats(3)
    const b = beats(2)
    await appended(store, a, { stream: 'a' })
    await appended(store, b, { stream: 'b' })
    await appended(store, [checkpoint({ offset: 50, clockOffset: -1_000_000 })], { stream: 'a' })
    assert.deepEqual(
      idsOf(await readAll(store, {}, 'b')),
      b.map(({ eventId }) => eventId),
    )
    assert.deepEqual([await store.head('a'), await store.head('b'), await store.head('c')], [53, 1, 'none'])
    assert.equal(await store.latestCheckpoint('b'), null)
  }),
  check('a hostile ledger name is refused with a reason, or means exactly itself', async connect => {
    const store = await connect()
    const accepted: { readonly name: string; readonly id: string }[] = []
    for (const name of HOSTILE_NAMES) {
      const event = beat(name)
      const code = await codeOf(store.append(name, 'none', [event]))
      assert.ok(code === 'none' || code === 'invalid', `${JSON.stringify(name)}: ${code}`)
      assert.equal(code === 'none', isAccepted(name), 'every store keeps one rule')
      if (code === 'none') accepted.push({ name, id: event.eventId })
      else
        for (const refused of [store.head(name), store.now(name), store.check(name)])
          assert.equal(await codeOf(refused), 'invalid')
    }
    for (const { name, id } of accepted)
      assert.deepEqual(idsOf(await readAll(store, {}, name)), [id], JSON.stringify(name))
  }),
  check('recordedAt and now never go back', async connect => {
    const stores = [await connect(), await connect()]
    const [store] = stores
    assert.ok(store)
    let seenMs = await store.now(LEDGER)
    for (let round = 0; round < 20; round += 1) {
      const { recordedAt } = await appended(stores[round % 2] ?? store, [beat()])
      assert.ok(recordedAt >= seenMs, `recorded ${recordedAt} after ${seenMs}`)
      seenMs = await store.now(LEDGER)
      assert.ok(seenMs >= recordedAt, `now ${seenMs} after ${recordedAt}`)
    }
  }),
  check('recordedAt of an import is kept, but never below the one before', async connect => {
    const store = await connect()
    const at = [1000, 3000, 2000].map(ms => beat('', { recordedAt: epochMs(ms) }))
    await appended(store, at)
    assert.deepEqual(
      (await readAll(store)).map(entry => entry.recordedAt),
      [1000, 3000, 3000],
    )
    // The clock waits at what was recorded, rather than running ahead to the store's own time.
    assert.ok((await store.now(LEDGER)) < 3000 + 60_000)
    assert.ok((await appended(store, [beat()])).recordedAt > 3000 + 60_000)
  }),
  check('the clock of a ledger is shifted by its CHECKPOINT', async connect => {
    const store = await connect()
    const before = await store.now(LEDGER)
    await appended(store, [checkpoint({ clockOffset: -3_600_000 })])
    const { recordedAt } = await appended(store, [beat()])
    assert.ok(Math.abs(recordedAt - (before - 3_600_000)) < 60_000, `${recordedAt} against ${before}`)
  }),
  check('it says whether its log clock can step', async connect => {
    const { clock } = await connect()
    assert.ok(['steady', 'can-step'].includes(clock), clock)
  }),
  check('a snapshot comes back for its own ledger and code only, and never from beyond the head', async connect => {
    const store = await connect()
    assert.equal(await store.loadSnapshot(LEDGER, KEY), null)
    await appended(store, beats(3))
    const snapshot = { ...KEY, throughRevision: revision(2), state: { leases: ['ä', 1, null] } }
    await store.saveSnapshot(LEDGER, snapshot)
    assert.deepEqual(await (await connect()).loadSnapshot(LEDGER, KEY), snapshot)
    assert.equal(await store.loadSnapshot(LEDGER, { ...KEY, codeVersion: '2' }), null)
    assert.equal(await store.loadSnapshot('other', KEY), null)
    await store.saveSnapshot(LEDGER, { ...snapshot, throughRevision: revision(9) })
    assert.notEqual((await store.loadSnapshot(LEDGER, KEY))?.throughRevision, 9)
  }),
  check('a sound store finds no fault in itself', async connect => {
    const store = await connect()
    assert.deepEqual(
      (await store.check(LEDGER)).filter(({ ok }) => !ok),
      [],
    )
    await appended(store, [checkpoint(), ...beats(700), checkpoint({ offset: 9 }), beat()])
    const checks = await store.check(LEDGER)
    assert.deepEqual(
      checks.filter(({ ok }) => !ok),
      [],
    )
    assert.ok(checks.some(({ count }) => count === 703))
  }),
  check('a closed store refuses, ends its subscriptions, and may be closed again', async connect => {
    const store = await connect()
    const other = await connect()
    await appended(store, [beat()])
    const subscription = store.subscribe(LEDGER, revision(0), { signal: new AbortController().signal })
    const iterator = subscription[Symbol.asyncIterator]()
    await iterator.next()
    const waiting = codeOf(iterator.next())
    const underWay = Array.from({ length: 20 }, () => codeOf(store.append(LEDGER, 'any', [beat()])))
    await store.close()
    await store.close()
    assert.equal(await waiting, 'unavailable')
    const outcomes = await Promise.all(underWay)
    assert.ok(
      outcomes.every(code => code === 'none' || code === 'unavailable'),
      outcomes.join(),
    )
    assert.equal((await readAll(other)).length, 1 + outcomes.filter(code => code === 'none').length)
    assert.equal(await codeOf(store.append(LEDGER, 'any', [beat()])), 'unavailable')
    assert.equal(await codeOf(store.head(LEDGER)), 'unavailable')
    assert.equal(await codeOf(drained(store.read(LEDGER))), 'unavailable')
  }),
]

function isAccepted(name: string): boolean {
  try {
    checkStreamName(name)
    return true
  } catch {
    return false
  }
}
