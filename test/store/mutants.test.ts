import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import type { Head, LogStore } from '@holdfast/store'
import { STORE_CONTRACT, type StoreFactory } from '@holdfast/store/contract'
import { MemoryLog, openMemoryStore } from '@holdfast/store/memory'
import { expect, inject, test } from 'vitest'
import { damageCampaign, prepareVictim } from './harness/damage-campaign.ts'
import { beat } from './harness/events.ts'
import { killWhileCommitting } from './harness/kill-campaign.ts'
import { seeded } from './harness/random.ts'
import { freshFolder } from './harness/sqlite-factory.ts'
import { wrapped } from './harness/wrapped-store.ts'

/** Planted faults: each must be found by at least the check that is meant for it. */
const MUTANTS: readonly {
  readonly fault: string
  readonly found: string
  readonly mutate: (store: LogStore) => Partial<LogStore>
}[] = [
  {
    fault: 'a commit that decides on a stale head',
    found: 'concurrent commits over',
    mutate: store => ({
      commit: async (stream, after, decider) => {
        const entries = []
        for await (const batch of store.read(stream)) entries.push(...batch)
        const unseen = entries.filter(({ revision }) => after === 'none' || revision > after)
        const head: Head = entries.at(-1)?.revision ?? 'none'
        const events = decider.decide({ entries: unseen, head, nowMs: await store.now(stream) })
        const result = await store.append(stream, 'any', events)
        assert.equal(result.outcome, 'appended')
        const written = []
        for await (const batch of store.read(stream, { from: result.first })) written.push(...batch)
        return { entries: written.slice(0, events.length), head: await store.head(stream) }
      },
    }),
  },
  {
    fault: 'an append that looks only at its head',
    found: 'a repeat of the same ids at the same head',
    mutate: store => ({
      append: async (stream, expected, events) => {
        const actual = await store.head(stream)
        return expected === 'any' || expected === actual
          ? store.append(stream, expected, events)
          : { outcome: 'conflict', actual }
      },
    }),
  },
  {
    fault: 'an append that writes its batch event by event',
    found: 'a batch is one piece',
    mutate: store => ({
      append: async (stream, expected, events) => {
        let result = await store.append(stream, expected, events.slice(0, 1))
        for (const event of events.slice(1)) result = await store.append(stream, 'any', [event])
        return result
      },
    }),
  },
  {
    fault: 'a subscription that drops what comes while it switches to live',
    found: 'no gap and no duplicate',
    mutate: store => ({
      async *subscribe(stream, after, options) {
        let caughtUp = false
        for await (const item of store.subscribe(stream, after, options)) {
          if (caughtUp && item.kind === 'entries') {
            caughtUp = false
            continue
          }
          if (item.kind === 'caught-up') caughtUp = true
          yield item
        }
      },
    }),
  },
  {
    fault: 'a subscription that begins one event too early',
    found: 'a subscription gives history',
    mutate: store => ({
      subscribe: (stream, after, options) =>
        store.subscribe(stream, after === 'none' || after === 0 ? 'none' : ((after - 1) as typeof after), options),
    }),
  },
  {
    fault: 'a read that gives its first revision twice',
    found: 'reads begin at a revision',
    mutate: store => ({
      async *read(stream, options) {
        for await (const batch of store.read(stream, options)) yield [...batch.slice(0, 1), ...batch]
      },
    }),
  },
  {
    fault: 'names that differ in case are one ledger',
    found: 'a hostile ledger name',
    mutate: store => ({
      append: (stream, expected, events) => store.append(stream.toLowerCase(), expected, events),
      read: (stream, options) => store.read(stream.toLowerCase(), options),
    }),
  },
  {
    fault: 'a clock that goes back',
    found: 'recordedAt and now never go back',
    mutate: store => ({
      now: async stream => ((await store.now(stream)) - 10_000) as Awaited<ReturnType<LogStore['now']>>,
    }),
  },
  {
    fault: 'a snapshot of other code',
    found: 'a snapshot comes back for its own ledger and code only',
    mutate: store => ({ loadSnapshot: (stream, key) => store.loadSnapshot(stream, { ...key, codeVersion: '1' }) }),
  },
  {
    fault: 'a store that goes on after it was closed',
    found: 'a closed store refuses',
    mutate: () => ({ close: () => Promise.resolve() }),
  },
]

test.each(MUTANTS)('the contract finds $fault', async ({ found, mutate }) => {
  const factory: StoreFactory = {
    name: 'mutant',
    open: () => {
      const log = new MemoryLog(Date.now)
      return Promise.resolve({
        connect: () => {
          const store = openMemoryStore({ log })
          return Promise.resolve(wrapped(store, mutate(store)))
        },
        dispose: () => Promise.resolve(),
      })
    },
  }
  const meant = STORE_CONTRACT.filter(({ name }) => name.includes(found))
  expect(meant).toHaveLength(1)
  const abandoned = new Promise<never>((_, reject) => setTimeout(reject, 1500, new Error('it never came to an end')))
  await expect(Promise.race([meant[0]?.run(factory), abandoned])).rejects.toThrow()
})

test('the damage campaign finds a store that does not check the witness', async () => {
  const { path, remove } = await freshFolder()
  try {
    await prepareVictim(path, beat)
    rmSync(`${path}.head`)
    await expect(damageCampaign(path, 100, seeded(inject('seed')))).rejects.toThrow('went unnoticed')
  } finally {
    await remove()
  }
})

test('the kill campaign finds a store that acknowledges before it commits', async () => {
  const { path, remove } = await freshFolder()
  try {
    await expect(killWhileCommitting(path, 40, seeded(inject('seed')), 'acknowledge-early')).rejects.toThrow(
      'acknowledged',
    )
  } finally {
    await remove()
  }
}, 60_000)
