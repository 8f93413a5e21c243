import { canonical, type Lane, type LeaseId, type LogEntry, type RecordedEvent } from '@holdfast/core'
import type { Projection } from '../projection.ts'
import { pastProjection, type Past } from './past-projection.ts'

/** What a history is asked for. */
export type HistoryOf = { readonly lane: Lane } | { readonly leaseId: LeaseId }

/**
 * Everything that happened to a lane (in whichever Unicode form it is named) or a lease, in order: its own events, refusals that asked for it or that it stood in
 * the way of, and entries that this code cannot read but that name it.
 */
export function historyProjection(of: HistoryOf): Projection<Past<LogEntry[]>, readonly LogEntry[]> {
  return pastProjection<LogEntry[], readonly LogEntry[]>({
    name: 'history',
    initial: () => [],
    take: (entries, entry) => {
      if (concerns(entry, of)) entries.push(entry)
    },
    view: entries => entries,
  })
}

/** Whether an entry says something of the lane or lease. */
export function concerns(entry: LogEntry, of: HistoryOf): boolean {
  switch (entry.type) {
    case 'ACQUIRE':
    case 'RELEASE':
    case 'HEARTBEAT':
    case 'ADOPT':
    case 'HALT':
    case 'SPAWN':
    case 'SCAVENGE':
      return names(entry.data, of)
    case 'REFUSE':
      return refusalConcerns(entry, of)
    case 'UNRECOGNISED':
      return names(entry.raw.data, of)
    case 'CHECKPOINT':
      return false
  }
}

function refusalConcerns({ data }: RecordedEvent<'REFUSE'>, of: HistoryOf): boolean {
  const { request, blockers } = data
  return [request, ...(request.claims ?? []), ...blockers].some(part => names(part, of))
}

function names(part: unknown, of: HistoryOf): boolean {
  if (typeof part !== 'object' || part === null) return false
  if ('lane' in of)
    return 'lane' in part && typeof part.lane === 'string' && canonical(part.lane) === canonical(of.lane)
  return 'leaseId' in part && part.leaseId === of.leaseId
}
