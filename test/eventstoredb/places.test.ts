import { randomUUID } from 'node:crypto'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import type { LogStore, NewEvent } from '@holdfast/store'
import { fc, test as property } from '@fast-check/vitest'
import type { EpochMs } from '@holdfast/core'
import { MemoryLog, openMemoryStore } from '@holdfast/store/memory'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EsdbFixture } from './fixture/esdb-fixture.ts'
import { SHORT } from './fixture-factory.ts'
import { beat, beats, checkpoint, idsOf, LEDGER, readAll, revision, STREAM } from './harness.ts'

const T0 = 1_700_000_000_000

/** An append of some events, by one of two writers, perhaps at any head. */
const step = fc.record({
  anywhere: fc.boolean(),
  who: fc.nat({ max: 1 }),
  clockStepMs: fc.constantFrom(0, 0, 10, 1_000, -700),
  events: fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constant({ does: 'beat' as const }) },
      { weight: 1, arbitrary: fc.record({ does: fc.constant('import' as const), agoMs: fc.nat({ max: 5_000 }) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          does: fc.constant('checkpoint' as const),
          raise: fc.constantFrom(0, 0, 7, 2 ** 32),
          clockOffset: fc.constantFrom(0, 500, -900),
        }),
      },
    ),
    { minLength: 1, maxLength: 4 },
  ),
})

let nowMs = T0
let shared: EsdbFixture
beforeAll(async () => {
  shared = await EsdbFixture.start({ clock: () => nowMs })
})
afterAll(() => shared.close())

describe('revisions and times', () => {
  property.prop([fc.array(step, { minLength: 2, maxLength: 10 })], { numRuns: 20 })(
    'are those of the memory store, read from anywhere, in either direction, by whoever has seen nothing yet',
    async steps => {
      const ledger = randomUUID()
      const stores: LogStore[] = []
      const open = async (): Promise<LogStore> => {
        const store = await openEventStoreDbStore({ url: shared.url(), snapshotFolder: null })
        stores.push(store)
        return store
      }
      const writers = [await open(), await open()]
      // A model whose clock may go back, as a new leader's does; its own would hold still.
      const model = openMemoryStore({ log: new SteppingLog(() => nowMs) })
      let offset = 0
      for (const { anywhere, who, clockStepMs, events } of steps) {
        nowMs += clockStepMs
        const proposed = events.map((event): NewEvent => {
          if (event.does === 'beat') return beat()
          if (event.does === 'import') return beat('', { recordedAt: (nowMs - event.agoMs) as EpochMs })
          offset += event.raise
          return checkpoint({ offset, clockOffset: event.clockOffset })
        })
        const free = anywhere && proposed.every(({ type }) => type !== 'CHECKPOINT')
        const expected = free ? 'any' : await model.head(ledger)
        const appended = await writers[who]?.append(ledger, expected, proposed)
        expect(appended).toEqual(await model.append(ledger, expected, proposed))
      }
      const whole = await readAll(model, {}, ledger)
      const middle = Math.floor(whole.length / 2)
      const from = whole[middle]?.revision ?? revision(0)
      expect(await readAll(await open(), {}, ledger)).toEqual(whole)
      expect(await readAll(await open(), { from }, ledger)).toEqual(whole.slice(middle))
      const fresh = await open()
      expect(await readAll(fresh, { from, direction: 'backwards', limit: 3 }, ledger)).toEqual(
        whole.slice(Math.max(0, middle - 2), middle + 1).toReversed(),
      )
      expect((await fresh.check(ledger)).filter(({ ok }) => !ok)).toEqual([])
      expect(await fresh.latestCheckpoint(ledger)).toEqual(await model.latestCheckpoint(ledger))
      expect(await fresh.head(ledger)).toBe(await model.head(ledger))
      await Promise.all(stores.map(store => store.close()))
    },
  )

  it('a long run of appends at any head is read from its end by looking back once', async () => {
    await using fixture = await EsdbFixture.start()
    await using writer = await openEventStoreDbStore({ url: fixture.url(), ...SHORT })
    await writer.append(LEDGER, 'none', [checkpoint(), beat()])
    for (let count = 0; count < 60; count += 1) await writer.append(LEDGER, 'any', beats(2))
    await using fresh = await openEventStoreDbStore({ url: fixture.url(), ...SHORT })
    expect(await fresh.head(LEDGER)).toBe(121)
    expect((await fresh.latestCheckpoint(LEDGER))?.revision).toBe(0)
  })

  it('ids that the server could not hold come back as they were', async () => {
    await using fixture = await EsdbFixture.start()
    await using store = await openEventStoreDbStore({ url: fixture.url(), ...SHORT })
    const ids = ['B2C5D1F0-0000-4000-8000-00000000000A', 'loop-17/api', 'ü'.repeat(64)]
    const events = ids.map(eventId => beat('', { eventId }))
    const first = await store.append(LEDGER, 'none', events)
    expect(idsOf(await readAll(store))).toEqual(ids)
    expect(await store.append(LEDGER, 'none', events)).toEqual(first)
  })

  it('an append of the largest size fits with what is written about it', async () => {
    await using fixture = await EsdbFixture.start()
    await using store = await openEventStoreDbStore({ url: fixture.url() })
    const small = 'x'.repeat(150)
    const one = beat(small)
    const { actor, data } = one
    const bytes = Buffer.byteLength(JSON.stringify({ actor, data })) + 36 + 'HEARTBEAT'.length
    const count = Math.floor((1000 * 1024) / bytes)
    const result = await store.append(
      LEDGER,
      'none',
      Array.from({ length: count }, () => beat(small)),
    )
    expect(result).toMatchObject({ outcome: 'appended', last: count - 1 })
    expect(fixture.log.visible(STREAM, Infinity)).toHaveLength(count)
  })
})

class SteppingLog extends MemoryLog {
  readonly #wall: () => number
  constructor(wall: () => number) {
    super(wall)
    this.#wall = wall
  }
  override nowMs(): number {
    return this.#wall()
  }
}
