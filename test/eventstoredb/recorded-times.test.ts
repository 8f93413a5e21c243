import { randomUUID } from 'node:crypto'
import { snapshotState, type LedgerState } from '@holdfast/core'
import { openLedgerOn, type Ledger } from '@holdfast/engine'
import { loadLedger, verifyLedger } from '@holdfast/projections'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EsdbFixture } from './fixture/esdb-fixture.ts'
import type { AppendFault } from './fixture/fixture-node.ts'

/** How far the server's clock goes on at each look, in turn: the stamps of one append can straddle a millisecond. */
let steps: readonly number[] = [0]
let nowMs = Date.now()
let looks = 0

function clock(): number {
  looks += 1
  nowMs += steps[looks % steps.length] ?? 0
  return nowMs
}

let fixture: EsdbFixture
beforeEach(async () => {
  fixture = await EsdbFixture.start({ clock })
})
afterEach(async () => {
  await fixture.close()
})

type Move = 'acquire' | 'again' | 'release' | 'beat' | 'checkpoint' | 'configure'

const move = fc.record({
  what: fc.constantFrom<Move>('acquire', 'acquire', 'again', 'release', 'beat', 'checkpoint', 'configure'),
  lane: fc.constantFrom('a', 'b', 'c', 'd'),
})

const fault = fc.constantFrom<AppendFault>(
  'reset-after-commit',
  'reset-before-commit',
  'timeout-after-commit',
  'timeout-before-commit',
)

/** Commands that are given at once, so that they share appends; by one of two processes each time, and through outages. */
const round = fc.record({
  process: fc.nat(1),
  moves: fc.array(move, { minLength: 1, maxLength: 6 }),
  faults: fc.oneof(fc.constant([]), fc.constant([]), fc.array(fault, { minLength: 1, maxLength: 2 })),
})

async function make(ledger: Ledger, { what, lane }: { what: Move; lane: string }, held: Map<string, number>) {
  const token = held.get(lane) ?? 1
  switch (what) {
    case 'acquire': {
      const outcome = await ledger.acquire({ lane, holder: 'A', requestId: randomUUID() })
      if (outcome.outcome === 'granted') held.set(lane, outcome.lease.token ?? 1)
      return
    }
    case 'again':
      return void (await ledger.acquire({ lane, holder: 'B', requestId: randomUUID() }))
    case 'release':
      return void (await ledger.release({ lane, holder: 'A', token }))
    case 'beat':
      return void (await ledger.heartbeat({ lane, holder: 'A', token }))
    case 'checkpoint':
      return void (await ledger.checkpoint({ reason: 'x' }))
    case 'configure':
      return void (await ledger.configure({ ...ledger.config, graceMs: 5_000 + held.size }))
  }
}

const stated = (state: LedgerState): string => JSON.stringify(snapshotState(state))

it('a writer folds what a reader folds, and states it, though one append has several times', async () => {
  const url = fixture.url()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(0, 0, 1, 3), { minLength: 1, maxLength: 5 }),
      fc.array(round, { minLength: 1, maxLength: 4 }),
      async (clockSteps, rounds) => {
        const name = `l-${randomUUID()}`
        steps = clockSteps
        const open = async () =>
          openLedgerOn(await openEventStoreDbStore({ url, snapshotFolder: null }), { ledger: name })
        await using first = await open()
        await using second = await open()
        const held = new Map<string, number>()
        for (const { process, moves, faults } of rounds) {
          fixture.leader.faults.push(...faults)
          const ledger = process === 0 ? first : second
          await Promise.all(moves.map(one => make(ledger, one, held)))
          await using reader = await openEventStoreDbStore({ url, snapshotFolder: null })
          const { state } = await loadLedger(reader, name)
          expect(stated(await ledger.refresh())).toBe(stated(state))
        }
        await using reader = await openEventStoreDbStore({ url, snapshotFolder: null })
        const { checks } = await verifyLedger(reader, name)
        expect(checks.filter(({ ok }) => !ok)).toEqual([])
      },
    ),
    { numRuns: 15 },
  )
})
