import { decide, Token, type LogEntry } from '@holdfast/core'
import { CORE, staleCommandChangesNothing, tokensIncrease, type Deciding } from '@holdfast/core/laws'
import * as fc from 'fast-check'
import { describe, test } from 'vitest'
import { CoreLedger } from './harness/core-ledger.ts'
import { decided, mixed } from './harness/histories.ts'
import { expectCaught, expectEqual, runs } from './harness/properties.ts'
import { play, RICH, steps } from './harness/steps.ts'

const tokens = (logs: fc.Arbitrary<LogEntry[]>, folding = CORE) =>
  fc.property(logs, log => expectEqual(tokensIncrease(log, folding)))

const commands = (deciding: Deciding) =>
  fc.property(steps(), script => {
    const ledger = new CoreLedger({ config: RICH })
    play(ledger, script, (command, evidence) => {
      const around = { nowMs: ledger.nowMs, evidence }
      expectEqual(staleCommandChangesNothing(ledger.state, command, around, deciding))
    })
  })

/** Takes whatever token the lane has now for the one that was shown. */
const forgiving: Deciding = (state, command, around) => {
  if (command.type !== 'release' && command.type !== 'scavenge') return decide(state, command, around)
  const live = [...state.leases.values()].find(({ lane }) => lane === command.lane)
  return decide(state, live === undefined ? command : { ...command, token: live.token }, around)
}

/** Folds an ownership event by its lease id alone. */
const careless: typeof CORE = {
  ...CORE,
  evolve: (state, entry) => {
    if (entry.type !== 'RELEASE' && entry.type !== 'HEARTBEAT') return CORE.evolve(state, entry)
    const token = state.leases.get(entry.data.leaseId)?.token ?? entry.data.token
    return entry.type === 'RELEASE'
      ? CORE.evolve(state, { ...entry, data: { ...entry.data, token } })
      : CORE.evolve(state, { ...entry, data: { ...entry.data, token } })
  },
}

/** An adoption that keeps the old token. */
const sharing: typeof CORE = {
  ...CORE,
  evolve: (state, entry) => {
    const evolved = CORE.evolve(state, entry)
    if (entry.type !== 'ADOPT' || entry.data.previousToken === null) return evolved
    const lease = evolved.leases.get(entry.data.leaseId)
    if (lease?.token !== undefined && Number(lease.token) === Number(entry.revision)) {
      evolved.leases.set(lease.leaseId, { ...lease, token: entry.data.previousToken, holder: entry.data.newHolder })
    }
    return evolved
  },
}

describe('tokens strictly increase, and a stale token changes no lease (law 5)', () => {
  test('in decided histories', () => {
    fc.assert(tokens(decided()), runs(200))
  })

  test('in histories with strays under stale tokens', () => {
    fc.assert(tokens(mixed), runs(200))
  })

  test('for commands on any decided state', () => {
    fc.assert(commands(decide), runs(150))
  })

  test('mutant: a fold that looks at the lease id alone is caught', () => {
    expectCaught(tokens(mixed, careless))
  })

  test('mutant: an adoption that keeps the token is caught', () => {
    const adoptions = fc.property(decided(), log => {
      const states = log.map((_, index) => log.slice(0, index + 1))
      const last = states.at(-1) ?? []
      const adopted = last.flatMap(entry => (entry.type === 'ADOPT' ? [entry.revision] : []))
      let state = sharing.initial()
      for (const entry of last) {
        state = sharing.evolve(state, entry)
        if (!adopted.includes(entry.revision) || entry.type !== 'ADOPT') continue
        const lease = state.leases.get(entry.data.leaseId)
        if (lease !== undefined && Number(lease.token) !== Number(entry.revision)) throw new Error('no new token')
      }
    })
    expectCaught(adoptions)
  })

  test('mutant: a fold that counts tokens down is caught', () => {
    const countingDown: typeof CORE = {
      ...CORE,
      evolve: (state, entry) => {
        const evolved = CORE.evolve(state, entry)
        const lease = entry.type === 'ACQUIRE' ? evolved.leases.get(entry.data.leaseId) : undefined
        if (lease !== undefined) {
          evolved.leases.set(lease.leaseId, { ...lease, token: Token.parse(1_000_000 - entry.revision) })
        }
        return evolved
      },
    }
    expectCaught(tokens(decided(), countingDown))
  })

  test('mutant: a decider that forgives a stale token is caught', () => {
    expectCaught(commands(forgiving))
  })
})
