import type { LogEntry } from '@holdfast/core'
import { CORE, intentsChangeNoLease } from '@holdfast/core/laws'
import * as fc from 'fast-check'
import { describe, test } from 'vitest'
import { decided, hostile, mixed } from './harness/histories.ts'
import { expectCaught, expectEqual, runs } from './harness/properties.ts'

const holds = (logs: fc.Arbitrary<LogEntry[]>, folding = CORE) =>
  fc.property(logs, log => expectEqual(intentsChangeNoLease(log, folding)))

describe('HALT, SPAWN and REFUSE never change the live set (law 6)', () => {
  test.each([
    { title: 'decided histories', logs: decided() },
    { title: 'histories with strays', logs: mixed },
    { title: 'hostile logs', logs: hostile },
  ])('in $title', ({ logs }) => {
    fc.assert(holds(logs), runs(150))
  })

  test('mutant: a HALT that ends its lease is caught', () => {
    const halting: typeof CORE = {
      ...CORE,
      evolve: (state, entry) => {
        const evolved = CORE.evolve(state, entry)
        if (entry.type === 'HALT' && entry.data.leaseId !== undefined) evolved.leases.delete(entry.data.leaseId)
        return evolved
      },
    }
    expectCaught(holds(decided(), halting))
  })

  test('mutant: a refusal that counts as a beat of its blocker is caught', () => {
    const touching: typeof CORE = {
      ...CORE,
      evolve: (state, entry) => {
        const evolved = CORE.evolve(state, entry)
        if (entry.type !== 'REFUSE') return evolved
        for (const { leaseId } of entry.data.blockers) {
          const lease = leaseId === null ? undefined : evolved.leases.get(leaseId)
          if (lease !== undefined) evolved.leases.set(lease.leaseId, { ...lease, lastBeatAtMs: entry.recordedAt })
        }
        return evolved
      },
    }
    expectCaught(holds(decided(), touching))
  })
})
