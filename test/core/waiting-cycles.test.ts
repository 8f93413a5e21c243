import { waitingCycles, type WaitingCycle } from '@holdfast/core'
import { NOTHING_WATCHED } from '@holdfast/core/internal'
import { describe, expect, test } from 'vitest'
import { acquire, release, scavenge } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { granted, refused } from './harness/outcomes.ts'

const holders = (cycles: readonly WaitingCycle[]) => cycles.map(cycle => cycle.map(({ holder }): string => holder))

function ledgerOf(...lanes: readonly string[]) {
  const ledger = new CoreLedger()
  const leases = new Map(lanes.map(lane => [lane, granted(ledger.run(acquire(lane, lane.toUpperCase())))] as const))
  const waits = (holder: string, lane: string) =>
    refused(ledger.run(acquire(lane, holder, { requestId: `w-${lane}`, wait: true })))
  const cycles = () => waitingCycles(ledger.state, ledger.nowMs)
  return { ledger, leases, waits, cycles }
}

describe('cycles of waiting holders', () => {
  test('two that wait for each other are one cycle, link by link', () => {
    const { waits, cycles, leases } = ledgerOf('a', 'b')
    waits('A', 'b')
    expect(cycles()).toEqual([])
    waits('B', 'a')
    const [cycle] = cycles()
    expect(cycle).toMatchObject([
      { holder: 'A', lane: 'b', waitsFor: 'B', blocker: { token: leases.get('b')?.token, code: 'lane-held' } },
      { holder: 'B', lane: 'a', waitsFor: 'A', blocker: { token: leases.get('a')?.token } },
    ])
    expect(cycles()).toHaveLength(1)
  })

  test('three in a ring, and somebody outside who only waits for one of them', () => {
    const { waits, cycles } = ledgerOf('a', 'b', 'c')
    waits('D', 'a')
    waits('A', 'b')
    waits('B', 'c')
    waits('C', 'a')
    expect(holders(cycles())).toEqual([['A', 'B', 'C']])
  })

  test('two rings that share nobody are two cycles', () => {
    const { waits, cycles } = ledgerOf('a', 'b', 'c', 'd')
    waits('A', 'b')
    waits('B', 'a')
    waits('C', 'd')
    waits('D', 'c')
    expect(holders(cycles())).toEqual([
      ['A', 'B'],
      ['C', 'D'],
    ])
  })

  test('a ring through a place in the line is one, although that one holds nothing there', () => {
    const { ledger, waits, cycles } = ledgerOf('a', 'b')
    waits('B', 'a')
    granted(ledger.run(acquire('c', 'C')))
    waits('C', 'a')
    waits('A', 'c')
    expect(holders(cycles())).toEqual([['C', 'A']])
  })

  test('a chain is no cycle, and a ring ends with a lease, a ticket or its time', () => {
    const { ledger, waits, cycles, leases } = ledgerOf('a', 'b', 'c')
    waits('A', 'b')
    waits('B', 'c')
    expect(cycles()).toEqual([])
    waits('C', 'a')
    expect(cycles()).toHaveLength(1)
    ledger.at(9)
    expect(cycles()).toHaveLength(1)
    ledger.at(10)
    expect(cycles()).toEqual([])
    for (const [holder, lane] of [
      ['A', 'b'],
      ['B', 'c'],
      ['C', 'a'],
    ] as const)
      waits(holder, lane)
    expect(cycles()).toHaveLength(1)
    ledger.at(12)
    expect(cycles()).toEqual([])
    const [lease] = leases.values()
    if (lease !== undefined) ledger.run(release(lease))
  })

  test('where the log clock can step, one who has just come sees a ring until the bound is past', () => {
    const { ledger, waits, leases } = ledgerOf('a', 'b')
    ledger.at(8)
    waits('A', 'b')
    waits('B', 'a')
    ledger.at(12)
    expect(waitingCycles(ledger.state, ledger.nowMs)).toEqual([])
    expect(holders(waitingCycles(ledger.state, ledger.nowMs, NOTHING_WATCHED))).toEqual([['A', 'B']])
    const times = { expiresAtMs: 12, lastBeatAtMs: 0, exitAtMs: null, ownedSinceMs: 0 }
    const watched = new Map(Array.from(leases.values(), ({ token }) => [token, times]))
    expect(waitingCycles(ledger.state, ledger.nowMs, { nowMs: 12, watched })).toEqual([])
  })

  test('a draining entry waits for nobody', () => {
    const { ledger, waits, cycles, leases } = ledgerOf('a', 'b')
    waits('A', 'b')
    waits('B', 'a')
    const lease = leases.get('a')
    if (lease !== undefined) ledger.run(scavenge(lease, { force: true }))
    expect(cycles()).toEqual([])
  })
})
