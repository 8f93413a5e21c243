import assert from 'node:assert/strict'
import type { LogEntry } from '@holdfast/core'
import { COMMIT_TAIL_MAX, EVENT_BYTES_MAX, type CommitDecider, type CommitView, type NewEvent } from '../port.ts'
import { check, type ContractCheck } from './contract-check.ts'
import { appended, beat, beats, codeOf, idsOf, LEDGER, readAll, revision } from './sample-events.ts'

const CONCURRENT_COMMITS = 200
const CONNECTIONS = 4

/** A decider that remembers everything it was shown. */
function recorder(decide: (view: CommitView, seen: readonly LogEntry[]) => readonly NewEvent[]): CommitDecider & {
  readonly seen: LogEntry[]
  readonly views: CommitView[]
} {
  const seen: LogEntry[] = []
  const views: CommitView[] = []
  return {
    seen,
    views,
    absorb: entries => void seen.push(...entries),
    decide: view => {
      seen.push(...view.entries)
      views.push(view)
      return decide(view, seen)
    },
  }
}

export const committingChecks: readonly ContractCheck[] = [
  check('a commit decides on the true head and appends its answer', async connect => {
    const store = await connect()
    await appended(store, beats(3))
    const answer = beats(2)
    const decider = recorder(() => answer)
    const result = await store.commit(LEDGER, revision(0), decider)
    assert.deepEqual(
      decider.seen.map(entry => entry.revision),
      [1, 2],
    )
    assert.equal(decider.views.at(-1)?.head, 2)
    assert.equal(result.head, 4)
    assert.deepEqual(result.entries, await readAll(store, { from: revision(3) }))
  }),
  check('a commit that answers nothing writes nothing', async connect => {
    const store = await connect()
    assert.deepEqual(
      await store.commit(
        LEDGER,
        'none',
        recorder(() => []),
      ),
      { entries: [], head: 'none' },
    )
    await appended(store, beats(2))
    assert.deepEqual(
      await store.commit(
        LEDGER,
        revision(1),
        recorder(() => []),
      ),
      { entries: [], head: 1 },
    )
  }),
  check(
    `${CONCURRENT_COMMITS} concurrent commits over ${CONNECTIONS} connections are each decided on the true head`,
    async connect => {
      const stores = await Promise.all(Array.from({ length: CONNECTIONS }, connect))
      const commits = Array.from({ length: CONCURRENT_COMMITS }, async (_, index) => {
        const decider = recorder((_view, seen) => [beat(String(seen.length))])
        const result = await stores[index % CONNECTIONS]?.commit(LEDGER, 'none', decider)
        return result?.entries.length
      })
      assert.deepEqual(new Set(await Promise.all(commits)), new Set([1]))
      const [first] = stores
      assert.ok(first)
      const entries = await readAll(first)
      // Each answer says how many events its decision had seen: a stale decision would say a number twice.
      assert.deepEqual(
        entries.map(entry => (entry.type === 'HEARTBEAT' ? Number(entry.data.reason) : -1)),
        Array.from({ length: CONCURRENT_COMMITS }, (_, index) => index),
      )
      assert.equal(new Set(idsOf(entries)).size, CONCURRENT_COMMITS)
    },
  ),
  check('a long tail is handed over before the decision, each event once and in order', async connect => {
    const store = await connect()
    const total = COMMIT_TAIL_MAX * 2 + 500
    for (let count = 0; count < total; count += 500) await appended(store, beats(500))
    const decider = recorder(() => [beat()])
    await store.commit(LEDGER, revision(9), decider)
    assert.deepEqual(
      decider.seen.map(entry => entry.revision),
      Array.from({ length: total - 10 }, (_, index) => index + 10),
    )
    assert.ok(decider.views.every(view => view.entries.length <= COMMIT_TAIL_MAX))
  }),
  check('a decision that throws, or answers what does not fit, leaves nothing and blocks nobody', async connect => {
    const store = await connect()
    const other = await connect()
    const failing: CommitDecider = {
      absorb: () => undefined,
      decide: () => {
        throw new RangeError('no')
      },
    }
    await assert.rejects(store.commit(LEDGER, 'none', failing), RangeError)
    const large = recorder(() => [beat('x'.repeat(EVENT_BYTES_MAX))])
    assert.equal(await codeOf(store.commit(LEDGER, 'none', large)), 'invalid')
    assert.equal(await other.head(LEDGER), 'none')
    await appended(other, [beat()])
    await appended(store, [beat()])
  }),
  check('a store behind what the caller has read is corrupt', async connect => {
    const store = await connect()
    await appended(store, beats(2))
    const decider = recorder(() => [beat()])
    assert.equal(await codeOf(store.commit(LEDGER, revision(5), decider)), 'corrupt')
    assert.equal(decider.views.length === 0 || (await store.head(LEDGER)) === 1, true)
    assert.equal(await store.head(LEDGER), 1)
  }),
]
