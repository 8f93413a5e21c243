import { decide } from '@holdfast/core'
import { staleCommandChangesNothing, unknownNeverEnds, type Deciding } from '@holdfast/core/laws'
import * as fc from 'fast-check'
import { describe, test } from 'vitest'
import { atMs, processOf } from './harness/alphabet.ts'
import { acquire, adopt, holderNamed, scavenge } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { granted } from './harness/outcomes.ts'
import { expectCaught, expectEqual, runs } from './harness/properties.ts'
import { play, RICH, steps } from './harness/steps.ts'

const onEveryCommand = (law: typeof unknownNeverEnds, deciding: Deciding) =>
  fc.property(steps(), script => {
    const ledger = new CoreLedger({ config: RICH })
    play(ledger, script, (command, evidence) => {
      expectEqual(law(ledger.state, command, { nowMs: ledger.nowMs, evidence }, deciding))
    })
  })

/** Takes silence for death. */
const hasty: Deciding = (state, command, around) => {
  const probes = [...(around.evidence?.probes ?? [])].map(
    ([key, probe]) =>
      [key, probe.status === 'unknown' ? ({ status: 'dead', consecutiveDead: 9 } as const) : probe] as const,
  )
  const takesForDead = command.type === 'adopt' || command.type === 'scavenge'
  return decide(state, command, takesForDead ? { ...around, evidence: { probes: new Map(probes) } } : around)
}

/** Reads "dead" as "alive" and the other way round. */
const upsideDown: Deciding = (state, command, around) => {
  const probes = [...(around.evidence?.probes ?? [])].map(
    ([key, probe]) =>
      [
        key,
        probe.status === 'unknown'
          ? probe
          : ({ status: probe.status === 'dead' ? 'alive' : 'dead', consecutiveDead: 2 } as const),
      ] as const,
  )
  return decide(state, command, { ...around, evidence: { probes: new Map(probes) } })
}

/** Beats for whoever knows the token. */
const welcoming: Deciding = (state, command, around) => {
  if (command.type !== 'heartbeat') return decide(state, command, around)
  const live = [...state.leases.values()].find(({ token }) => token === command.token)
  return decide(state, { ...command, holder: live?.holder ?? holderNamed('nobody') }, around)
}

describe('the safe direction (law 8)', () => {
  test('unknown ends nothing that knowing would spare', () => {
    fc.assert(onEveryCommand(unknownNeverEnds, decide), runs(300))
  })

  test('a beat or release from anyone but the holder of the live token changes nothing', () => {
    fc.assert(onEveryCommand(staleCommandChangesNothing, decide), runs(200))
  })

  test('mutant: a decider that takes unknown for dead is caught', () => {
    expectCaught(onEveryCommand(unknownNeverEnds, hasty))
  })

  test('mutant: a decider that takes the living for dead is caught', () => {
    expectCaught(onEveryCommand(unknownNeverEnds, upsideDown))
  })

  test('mutant: a decider that ends a lease because it is seen to live is caught', () => {
    const spiteful: Deciding = (state, command, around) => {
      const seen = [...(around.evidence?.probes?.values() ?? [])].some(({ status }) => status === 'alive')
      return decide(state, command.type === 'scavenge' && seen ? { ...command, force: true } : command, around)
    }
    expectCaught(onEveryCommand(unknownNeverEnds, spiteful))
  })

  test('knowing nothing at all is knowing of nobody', () => {
    const ledger = new CoreLedger({ config: RICH })
    const lease = granted(ledger.run(acquire('x', 'A', { process: processOf(1) })))
    for (const nowMs of [1, 4, 12].map(atMs)) {
      for (const command of [scavenge(lease), adopt(lease, 'B'), acquire('x', 'B')]) {
        expectEqual(unknownNeverEnds(ledger.state, command, { nowMs }))
      }
    }
  })

  test('mutant: a decider that takes a beat from anyone is caught', () => {
    expectCaught(onEveryCommand(staleCommandChangesNothing, welcoming))
  })
})
