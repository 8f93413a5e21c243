import {
  decide,
  liveLeases,
  nextBoundary,
  type Command,
  type Decision,
  type Evidence,
  type Lease,
  type LedgerState,
  type Outcome,
} from '@holdfast/core'
import * as fc from 'fast-check'
import { describe, test } from 'vitest'
import { ALIVE, atMs, dead, probed, processOf } from './harness/alphabet.ts'
import { acquire, acquireAll, adopt, beat, release, scavenge } from './harness/commands.ts'
import { CoreLedger, type Deciding } from './harness/core-ledger.ts'
import { expectCaught, runs } from './harness/properties.ts'
import { PIDS, play, RICH, steps } from './harness/steps.ts'

const EVIDENCE: Evidence = probed(...[...PIDS, 10].map(pid => [processOf(pid), dead()] as const), [
  processOf(11),
  ALIVE,
] as const)
const CAUSES = ['expired', 'process-dead', 'exited', 'age-ceiling'] as const

/** One of every kind of command that anybody could give. */
function battery(state: LedgerState): Command[] {
  const waits = { requestId: 'r', wait: true }
  return [
    acquire('x', 'A', waits),
    acquire('x', 'B', { mode: 'shared', region: ['src/api/**'] }),
    acquire('deploy', 'C', waits),
    acquire('z', 'C', { kind: 'big', requestId: 's', runId: 'run' }),
    acquireAll('any', [{ lane: 'x' }, { lane: 'y', region: ['**'] }], 'D'),
    acquireAll('all', [{ lane: 'x' }, { lane: 'y', kind: 'big' }], 'D'),
    ...liveLeases(state).flatMap(commandsOn),
  ]
}

function commandsOn(lease: Lease): Command[] {
  return [
    beat(lease),
    release(lease),
    adopt(lease, 'R'),
    scavenge(lease),
    ...CAUSES.flatMap(cause => [adopt(lease, 'R', { claim: { cause } }), scavenge(lease, { cause })]),
  ]
}

/** What is answered and appended, but for the instants in it. */
function answers(state: LedgerState, ms: number, deciding: Deciding): string {
  return JSON.stringify(
    battery(state).flatMap(command =>
      [undefined, EVIDENCE].map(evidence => {
        const decision = deciding(state, command, { nowMs: atMs(ms), evidence })
        return [
          command.type,
          told(decision),
          decision.events.map(({ type, data }) => [type, 'attempt' in data && data.attempt]),
        ]
      }),
    ),
  )
}

function told(decision: Decision<Outcome>): unknown {
  if (decision.kind === 'again') return 'again'
  const { outcome } = decision
  if (outcome.outcome === 'refused') {
    const { code, coalesced, ticket, blockers } = outcome
    return [code, coalesced, ticket?.place, blockers.map(blocker => [blocker.leaseId, blocker.token, blocker.ticket])]
  }
  if (outcome.outcome === 'granted') {
    return [outcome.repeated, outcome.leases.map(({ leaseId }) => leaseId), outcome.evicted]
  }
  return outcome.outcome === 'scavenged' ? outcome.drainsUntilMs !== null : outcome.outcome
}

const lasting = (deciding: Deciding) =>
  fc.property(steps(25), fc.array(fc.nat(), { minLength: 2, maxLength: 2 }), (script, picks) => {
    const ledger = new CoreLedger({ config: RICH })
    play(ledger, script)
    const { state, nowMs } = ledger
    const next = nextBoundary(state, nowMs)
    // Halts are remembered for a day: nothing happens in most of it.
    const lastMs = Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, nowMs + 100) - 1
    const now = answers(state, nowMs, deciding)
    for (const ms of [lastMs, ...picks.map(pick => nowMs + (pick % (lastMs - nowMs + 1)))]) {
      if (answers(state, ms, deciding) !== now)
        throw new Error(`an answer changes at ${ms}, before ${JSON.stringify(next)}`)
    }
  })

describe('nextBoundary and what commands are answered', () => {
  test('no command is answered otherwise before it, whatever the evidence', () => {
    fc.assert(lasting(decide), runs(60))
  })

  test('mutant: a decider that lets leases go a millisecond early is caught', () => {
    expectCaught(
      lasting((state, command, around) => decide(state, command, { ...around, nowMs: atMs(around.nowMs + 1) })),
    )
  })
})
