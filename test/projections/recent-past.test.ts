import { openLedgerOn } from '@holdfast/engine'
import { compactLedger } from '@holdfast/engine/maintenance'
import { explainEvent, stateAt } from '@holdfast/projections'
import { leaseViews } from '@holdfast/projections/internal'
import { openMemoryStore } from '@holdfast/store/memory'
import { expect, it } from 'vitest'
import { counting } from './counting-store.ts'

const STREAM = 'default'

/** A ledger whose past is archived, and a refusal after that. */
async function compacted(leases: number) {
  const store = openMemoryStore()
  const ledger = await openLedgerOn(store, { ledger: STREAM })
  for (let index = 0; index < leases; index += 1) {
    const asked = await ledger.acquire({ lane: `old-${index}`, holder: 'A' })
    if (asked.outcome !== 'granted') throw new Error(asked.outcome)
    await ledger.release({ lane: `old-${index}`, holder: 'A', token: asked.lease.token })
  }
  await ledger.acquire({ lane: 'api', holder: 'A' })
  await compactLedger(ledger)
  const refused = await ledger.acquire({ lane: 'api', holder: 'B' })
  if (refused.outcome !== 'refused') throw new Error(refused.outcome)
  return { store, ledger, revision: ledger.state.head }
}

it('a recent refusal is explained without reading what was archived, at any length', async () => {
  const reads = await Promise.all(
    [5, 100].map(async leases => {
      const { store, revision } = await compacted(leases)
      const seen = counting(store)
      const explained = await explainEvent(seen.store, STREAM, revision)
      expect(explained?.blockers).toMatchObject([{ lane: 'api', holder: 'A' }])
      expect(explained?.entry).toMatchObject({ type: 'REFUSE', revision })
      return seen.read()
    }),
  )
  expect(reads[1]).toBe(reads[0])
  expect(reads[0]).toBeGreaterThan(0)
})

it('every point of a compacted history has the state that it has uncompacted', async () => {
  const { store, ledger, revision } = await compacted(3)
  const clockMs = await ledger.now()
  for (let at = 0; at <= revision; at += 1) {
    const { state, newest } = await stateAt(store, STREAM, { revision: at })
    expect(state.head).toBe(newest?.revision ?? -1)
    const held = leaseViews(state, clockMs).map(({ lane }) => lane)
    // r0 is the genesis; then each old lease is granted and released in turn, and api stays.
    expect(held).toEqual(at > 6 ? ['api'] : at % 2 === 1 ? [`old-${(at - 1) / 2}`] : [])
  }
})
