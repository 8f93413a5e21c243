import type { Configuration } from '../configuration.ts'
import type { Lease } from '../state/lease.ts'
import { liveLeases, type LedgerState } from '../state/ledger-state.ts'
import { leasesNamed } from '../state/live-set.ts'
import type { DrainingEntry } from '../state/entries.ts'
import { drainingAt } from '../time/draining-at.ts'
import type { Moment } from '../time/own-clock.ts'
import { candidates } from './candidates.ts'
import { treeName } from '../work-tree.ts'
import { areApart, conflictBetween } from './conflict.ts'

interface Fault {
  readonly path: string
  readonly message: string
}

/**
 * Why work trees that are kept apart cannot count together as yet: the first live lease that would then stand beside
 * another one, or beside what drains, on one path. A draining entry counts like a live lease, for its holder may still
 * believe. Expired leases count too: a late beat keeps them. Two entries that drain are nobody's grant and may meet.
 */
export function treesBroughtTogether(state: LedgerState, config: Configuration, moment: Moment): readonly Fault[] {
  if (state.config.workTrees !== 'apart' || config.workTrees === 'apart') return []
  const draining = [...drainingAt(state, moment)]
  for (const lease of liveLeases(state)) {
    const others = [...leasesNamed(state, candidates(state, lease)), ...draining]
    for (const other of others) {
      if (other === lease || !areApart(lease, other, state.config)) continue
      const conflict = conflictBetween(lease, other, config)
      if (conflict !== null) return [{ path: 'workTrees', message: messageOf(lease, other, conflict.witness) }]
    }
  }
  return []
}

function messageOf(lease: Lease, other: Lease | DrainingEntry, witness: string | undefined): string {
  const where = witness === undefined ? 'one path' : JSON.stringify(witness)
  const isLive = 'place' in other
  const next = isLive ? 'release one of them, or scavenge it once it has expired' : 'wait until that is over'
  return `${named(lease)} is live and ${named(other)} ${isLive ? 'is live' : 'drains'}, and both cover ${where}; ${next}`
}

function named({ leaseId, workTree }: Lease | DrainingEntry): string {
  return `${leaseId} (${workTree === null || workTree === undefined ? 'unknown tree' : treeName(workTree)})`
}
