import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { StoreError } from '@holdfast/store'
import { expect, it } from 'vitest'
import { EsdbFixture } from './fixture/esdb-fixture.ts'
import { beat, checkpoint, LEDGER, readAll } from './harness.ts'

/** More than fits into one event. */
const STATE = { carrier: 'inline', value: { text: 'x'.repeat(300 * 1024) } } as const

const sides = (fixture: EsdbFixture): readonly string[] => fixture.log.names.filter(name => name.includes('~state-'))

it('a CHECKPOINT of a large state that others overtake gives up soon, and leaves no parts behind', async () => {
  await using fixture = await EsdbFixture.start()
  const open = () => openEventStoreDbStore({ url: fixture.url(), snapshotFolder: null })
  await using store = await open()
  await using other = await open()
  await store.append(LEDGER, 'none', [beat()])
  const over = new AbortController()
  let attempts = 0
  const rival = (async () => {
    while (!over.signal.aborted) await other.append(LEDGER, 'any', [beat()])
  })()
  const cut = () =>
    store.commit(LEDGER, 'none', {
      absorb: () => undefined,
      decide: ({ head }) => {
        attempts += 1
        return [checkpoint({ throughRevision: head, state: STATE })]
      },
    })
  const told: unknown = await cut().catch((error: unknown) => error)
  over.abort()
  await rival
  expect(told).toBeInstanceOf(StoreError)
  expect(told).toMatchObject({ code: 'unavailable' })
  expect(attempts).toBe(5)
  expect(sides(fixture)).toEqual([])

  await cut()
  expect(sides(fixture)).toHaveLength(1)
  const written = (await readAll(store)).findLast(({ type }) => type === 'CHECKPOINT')
  expect(written?.type === 'CHECKPOINT' && written.data.state).toEqual(STATE)
})

it('a CHECKPOINT of a large state whose answer is lost keeps its parts', async () => {
  await using fixture = await EsdbFixture.start()
  const open = () => openEventStoreDbStore({ url: fixture.url(), snapshotFolder: null, callDeadlineMs: 400 })
  await using store = await open()
  await store.append(LEDGER, 'none', [beat()])
  // The parts are written first: two appends of one part each, then the CHECKPOINT.
  const decide = () => {
    queueMicrotask(() => fixture.leader.faults.push('reset-after-commit', 'reset-after-commit', 'reset-after-commit'))
    return [checkpoint({ throughRevision: 0, state: STATE })]
  }
  const result = await store.commit(LEDGER, 'none', { absorb: () => undefined, decide })
  expect(result.head).toBe(1)
  expect(sides(fixture)).toHaveLength(1)
  await using fresh = await open()
  expect((await fresh.latestCheckpoint(LEDGER))?.data.state).toEqual(STATE)
})
