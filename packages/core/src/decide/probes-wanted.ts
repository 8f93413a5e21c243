import { candidates } from '../admission/candidates.ts'
import { processKey, type ProcessIdentity } from '../process-identity.ts'
import { isExpired, type Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { leasesNamed } from '../state/live-set.ts'
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
      return distinct(inTheWay(state, command).flatMap(lease => (isExpired(lease, nowMs) ? lease.children : [])))
    case 'adopt':
      return distinct(onLane(state, command.lane, command.expectToken).flatMap(processesOf))
    case 'scavenge':
      return distinct(onLane(state, command.lane, command.token).flatMap(processesOf))
    case 'withdraw':
    case 'heartbeat':
    case 'release':
    case 'halt':
    case 'spawn':
    case 'found':
    case 'configure':
    case 'checkpoint':
    case 'repair':
      return []
  }
}

function inTheWay(state: LedgerState, command: AcquireCommand): Lease[] {
  const leaseIds = command.claims.flatMap(asked => {
    const claim = withDeclared(asked, state.config)
    const sameKind = claim.kind === null ? [] : state.byKind.values(claim.kind)
    return [...candidates(state, claim), ...sameKind]
  })
  return leasesNamed(state, leaseIds)
}

function onLane(state: LedgerState, lane: Lease['lane'], token: Lease['token']): Lease[] {
  return liveOnLane(state, lane).filter(lease => lease.token === token)
}

function processesOf(lease: Lease): ProcessIdentity[] {
  return lease.process === null ? lease.children : [lease.process, ...lease.children]
}

function distinct(processes: readonly ProcessIdentity[]): ProcessIdentity[] {
  return [...new Map(processes.map(process => [processKey(process), process])).values()]
}
