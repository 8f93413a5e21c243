import type { RecordedEvent } from './events.ts'
import type { LogEntry } from './log-entry.ts'
import { canonical } from './region/index.ts'

/** Changes whenever an entry concerns something else than before: what an older index says is then ignored. */
export const CONCERNS_VERSION = 'concerns-1'

/** A lane, a lease, a grant or an event, as one text: what entries of a history are found by. */
export type Concern = string & { readonly __concern: unique symbol }

/** A lane, in whichever Unicode form it is named. */
export function laneConcern(lane: string): Concern {
  return concern('lane', canonical(lane))
}

export function leaseConcern(leaseId: string): Concern {
  return concern('lease', leaseId)
}

/** The ACQUIREs of a holder on a lane. */
export function grantConcern(holder: string, lane: string): Concern {
  return concern('grant', holder, canonical(lane))
}

/** The event of an id. */
export function eventConcern(eventId: string): Concern {
  return concern('event', eventId)
}

/** The events of a run. */
export function runConcern(runId: string): Concern {
  return concern('run', runId)
}

/**
 * Everything that an entry says something of, each once: the lane and the lease of its own event; those that a refusal
 * asked for and that stood in its way; those that an entry names which this code cannot read. A CHECKPOINT names none.
 */
export function concernsOf(entry: LogEntry): ReadonlySet<Concern> {
  const found = new Set<Concern>()
  if (entry.type === 'UNRECOGNISED') {
    addNames(found, entry.raw.data)
    return found
  }
  found.add(eventConcern(entry.eventId))
  if (entry.runId !== undefined) found.add(runConcern(entry.runId))
  switch (entry.type) {
    case 'ACQUIRE':
      found.add(grantConcern(entry.data.holder, entry.data.lane))
      addNames(found, entry.data)
      break
    case 'RELEASE':
    case 'HEARTBEAT':
    case 'ADOPT':
    case 'HALT':
    case 'SPAWN':
    case 'SCAVENGE':
      addNames(found, entry.data)
      break
    case 'REFUSE':
      addRefused(found, entry)
      break
    case 'CHECKPOINT':
  }
  return found
}

function addRefused(found: Set<Concern>, { data: { request, blockers } }: RecordedEvent<'REFUSE'>): void {
  for (const part of [request, ...(request.claims ?? []), ...blockers]) addNames(found, part)
}

function addNames(found: Set<Concern>, part: unknown): void {
  if (typeof part !== 'object' || part === null) return
  if ('lane' in part && typeof part.lane === 'string') found.add(laneConcern(part.lane))
  if ('leaseId' in part && typeof part.leaseId === 'string') found.add(leaseConcern(part.leaseId))
}

function concern(kind: string, ...names: readonly string[]): Concern {
  return JSON.stringify([kind, ...names]) as Concern
}
