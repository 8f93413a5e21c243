import type { Command } from '../decide/command.ts'
import { decide } from '../decide/decide.ts'
import type { Decision } from '../decide/decision.ts'
import type { Probe, Surroundings } from '../evidence.ts'
import type { Outcome } from '../decide/outcome.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { different, EQUAL, type Comparison } from './comparison.ts'

export type Deciding = (state: LedgerState, command: Command, around: Surroundings) => Decision<Outcome>

const UNKNOWN: Probe = { status: 'unknown', consecutiveDead: 0 }

/**
 * Law 8, for the ending of leases: whatever a command ends when a dead process is only unknown, it also ends when it is
 * known to be dead; and whatever it ends over a running process, it also ends over an unknown one. So not knowing never
 * ends a lease that knowing would spare. A request for any of several may choose another one by what is known; it is left
 * out. `verdicts` have their own half of the law. test/core/law-08.
 */
export function unknownNeverEnds(
  state: LedgerState,
  command: Command,
  around: Surroundings,
  deciding: Deciding = decide,
): Comparison {
  if (command.type === 'acquire' && command.policy === 'any') return EQUAL
  const known = endings(deciding(state, command, around))
  const without = (spared: Probe['status']) => endings(deciding(state, command, forget(around, spared)))
  const unknownDead = without('dead')
  if (unknownDead > known) return different('$.endings with the dead unknown', `at most ${known}`, unknownDead)
  const unknownAlive = without('alive')
  return unknownAlive < known
    ? different('$.endings with the living unknown', `at least ${known}`, unknownAlive)
    : EQUAL
}

function endings(decision: Decision<Outcome>): number {
  return decision.events.filter(({ type }) => type === 'SCAVENGE' || type === 'ADOPT').length
}

function forget(around: Surroundings, status: Probe['status']): Surroundings {
  const probes = [...(around.evidence?.probes ?? [])].map(
    ([key, probe]) => [key, probe.status === status ? UNKNOWN : probe] as const,
  )
  return { ...around, evidence: { ...around.evidence, probes: new Map(probes) } }
}
