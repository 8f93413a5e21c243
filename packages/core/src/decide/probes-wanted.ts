import type { LeaseId } from '../ids.ts'
import { candidates } from '../admission/candidates.ts'
import { processKey, type ProcessIdentity } from '../process-identity.ts'
import { isExpired, type Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { withDeclared } from '../admission/declared-lane.ts'
import type { AcquireCommand, Command } from './command.ts'
import { liveOnLane } from './find-lease.ts'

/**
 * The processes whose state a decision on `command` may turn on, for the caller to probe before it asks. A guess from
 * the state at hand: what the deciding state wants besides counts as unknown, which never ends a lease.
 */
export function probesWanted(state: LedgerState, command: Command, nowMs: number): ProcessIdentity[] {
  switch (command.type) {
    case 'acquire':
      return distinct(childrenInTheWay(state, command, nowMs))
    case 'adopt':
      return distinct(onLane(state, command.lane, command.expectToken).flatMap(processesOf))
    case 'scavenge':
      return distinct(onLane(state, command.lane, command.token).flatMap(processesOf))
    case 'withdraw':
    case 'heartbeat':
    case 'release':
    case 'halt':
    case 'spawn':
    case 'write':
    case 'found':
    case 'configure':
    case 'checkpoint':
    case 'repair':
      return []
  }
}

/** Of expired leases: whether they run decides if these make way. */
function childrenInTheWay(state: LedgerState, command: AcquireCommand, nowMs: number): ProcessIdentity[] {
  const children: ProcessIdentity[] = []
  const look = (leaseIds: Iterable<LeaseId>): void => {
    for (const leaseId of leaseIds) {
      const lease = state.leases.get(leaseId)
      if (lease !== undefined && lease.children.length > 0 && isExpired(lease, nowMs)) children.push(...lease.children)
    }
  }
  for (const asked of command.claims) {
    const claim = withDeclared(asked, state.config)
    look(candidates(state, claim))
    if (claim.kind !== null) look(state.byKind.values(claim.kind))
  }
  return children
}

function onLane(state: LedgerState, lane: Lease['lane'], token: Lease['token']): Lease[] {
  return liveOnLane(state, lane).filter(lease => lease.token === token)
}

function processesOf(lease: Lease): ProcessIdentity[] {
  return lease.process === null ? lease.children : [lease.process, ...lease.children]
}

function distinct(processes: readonly ProcessIdentity[]): ProcessIdentity[] {
  if (processes.length < 2) return [...processes]
  return [...new Map(processes.map(process => [processKey(process), process])).values()]
}
