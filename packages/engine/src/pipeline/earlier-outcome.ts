import { drainingAt, findLease, later, tokenAt } from '@holdfast/core/internal'
import {
  type EpochMs,
  isExpired,
  type Token,
  type Command,
  type Lease,
  type LedgerState,
  type Outcome,
  type OwnClock,
  type RecordedEvent,
} from '@holdfast/core'
import type { EarlierEvents } from './earlier-events.ts'

type Earlier = Pick<EarlierEvents, 'events' | 'wasTaken'>

interface At {
  readonly state: LedgerState
  readonly nowMs: EpochMs
  readonly ownClock: OwnClock | undefined
}

/**
 * What a command that was done before is answered, from the events that it left and the state now. `null`: its events
 * settle nothing (a beat, a refusal, evictions without the grant), and it is decided on.
 */
export function earlierOutcome(command: Command, { events, wasTaken }: Earlier, at: At): Outcome | null {
  switch (command.type) {
    case 'acquire':
      return earlierGrant(events, at)
    case 'release':
    case 'adopt':
    case 'scavenge':
    case 'halt':
    case 'spawn':
    case 'withdraw': {
      const [first] = events
      return first === undefined ? null : settledBy(first, wasTaken, at)
    }
    case 'heartbeat':
    case 'write':
    case 'found':
    case 'configure':
    case 'checkpoint':
    case 'repair':
      return null
  }
}

function settledBy(
  { type, data, revision }: RecordedEvent,
  wasTaken: boolean,
  { state, nowMs, ownClock }: At,
): Outcome | null {
  switch (type) {
    case 'RELEASE':
      if (data.token === null) return null
      return { outcome: wasTaken ? 'drained' : 'released', leaseId: data.leaseId, token: data.token }
    case 'ADOPT': {
      if (data.previousToken === null || state.movedTo !== null) return null
      const lease = state.leases.get(data.leaseId)
      const token = tokenAt(revision)
      if (lease?.token === token) return { outcome: 'adopted', lease, previousToken: data.previousToken }
      const found = findLease(state, data.lane, token)
      return 'lease' in found ? null : found
    }
    case 'SCAVENGE': {
      const { leaseId, token } = data
      if (token === null) return null
      const drains = [...drainingAt(state, { nowMs, ownClock })].find(entry => entry.token === token)
      const untilMs = drains === undefined ? null : later(nowMs, drains.untilMs - nowMs)
      return { outcome: 'scavenged', leaseId, token, drainsUntilMs: untilMs }
    }
    case 'HALT': {
      const { leaseId, token } = data
      return { outcome: 'recorded', bound: leaseId === undefined || !isToken(token) ? null : { leaseId, token } }
    }
    case 'SPAWN':
      return { outcome: 'recorded', bound: null }
    case 'REFUSE':
      return data.code === 'withdrawn' ? { outcome: 'withdrawn', found: true } : null
    case 'ACQUIRE':
    case 'HEARTBEAT':
    case 'CHECKPOINT':
      return null
  }
}

const isToken = (token: Token | null | undefined): token is Token => token !== null && token !== undefined

/**
 * The leases as they are now; a guard opens over none of them before a beat. A ledger that has moved says so instead: what
 * became of them since, only the new place knows.
 */
function earlierGrant(events: readonly RecordedEvent[], { state, nowMs }: At): Outcome | null {
  if (state.movedTo !== null) return null
  const leases: Lease[] = []
  for (const event of events) {
    if (event.type !== 'ACQUIRE') continue
    const { leaseId } = event.data
    const token = tokenAt(event.revision)
    const lease = state.leases.get(leaseId)
    const how = lease === undefined ? 'evicted' : lease.token === token ? 'expired' : 'adopted'
    if (lease === undefined || how === 'adopted' || isExpired(lease, nowMs)) {
      return { outcome: 'ended', how, leaseId, token }
    }
    leases.push(lease)
  }
  const [lease] = leases
  if (lease === undefined) return null
  const evicted = events.flatMap(({ type, data }) =>
    type === 'SCAVENGE' && data.token !== null ? [{ leaseId: data.leaseId, token: data.token }] : [],
  )
  return { outcome: 'granted', lease, leases, repeated: true, evicted, mergeRisks: [], moreMergeRisks: 0 }
}
