import { RunId } from '@holdfast/core'
import { gatherProgress, logEvents, openLedgerOn, type Ledger, type ProgressProbe } from '@holdfast/engine'
import { openStore } from '@holdfast/store'
import { expect, test } from 'vitest'

const run = RunId.parse('run-1')

async function take(ledger: Ledger, lane: string, runId: string): Promise<number> {
  const asked = await ledger.acquire({ lane, holder: 'a', ttl: '1h', runId })
  if (asked.outcome !== 'granted') throw new Error(asked.outcome)
  const token = asked.leases[0]?.token
  if (token === undefined) throw new Error('a grant without a lease')
  return token
}

test('releases, evictions and further acquisitions of the run count; its first one, beats and other runs do not', async () => {
  const store = await openStore('memory:')
  await using ledger = await openLedgerOn(store)
  const events = async (sinceMs = 0): Promise<number> => {
    const reading = await logEvents({ store, stream: 'default' }).read({ region: [], runId: run, sinceMs })
    return reading.outcome === 'counted' ? reading.count : Number.NaN
  }
  expect(await events()).toBe(0)
  const one = await take(ledger, 'one', 'run-1')
  expect(await events()).toBe(0)
  await ledger.heartbeat({ lane: 'one', holder: 'a', token: one, progress: 'so busy' })
  const other = await take(ledger, 'other', 'run-2')
  await ledger.release({ lane: 'other', holder: 'a', token: other })
  expect(await events()).toBe(0)
  const two = await take(ledger, 'two', 'run-1')
  expect(await events()).toBe(1)
  await ledger.release({ lane: 'two', holder: 'a', token: two })
  expect(await events()).toBe(2)
  await ledger.scavenge({ lane: 'one', token: one, force: true })
  expect(await events()).toBe(3)
  expect(await events(Number.MAX_SAFE_INTEGER)).toBe(0)
})

test('a lease of no run is unknown', async () => {
  const store = await openStore('memory:')
  await using _ledger = await openLedgerOn(store)
  const reading = await logEvents({ store, stream: 'default' }).read({ region: [], runId: null, sinceMs: 0 })
  expect(reading).toMatchObject({ outcome: 'unknown', reason: 'no-run' })
})

test('what is unknown adds nothing, and a probe that breaks hides no other', async () => {
  const probe = (name: string, kind: ProgressProbe['kind'], read: ProgressProbe['read']): ProgressProbe => ({
    name,
    kind,
    read,
  })
  const gathered = await gatherProgress(
    [
      probe('a', 'commits', () => Promise.resolve({ outcome: 'counted', count: 2 })),
      probe('b', 'commits', () => Promise.resolve({ outcome: 'unknown', reason: 'no-git', detail: 'none' })),
      probe('c', 'files', () => Promise.reject(new Error('broken'))),
      probe('d', 'events', () => {
        throw new Error('at once')
      }),
      probe('e', 'files', () => Promise.resolve({ outcome: 'counted', count: 3 })),
    ],
    { region: [], runId: run, sinceMs: 0 },
  )
  expect(gathered).toEqual({
    commits: 2,
    files: 3,
    events: 0,
    unknown: [
      { probe: 'b', reason: 'no-git', detail: 'none' },
      { probe: 'c', reason: 'failed', detail: 'broken' },
      { probe: 'd', reason: 'failed', detail: 'at once' },
    ],
  })
})
