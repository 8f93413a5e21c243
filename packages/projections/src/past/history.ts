import type { Lane, LeaseId, LogEntry } from '@holdfast/core'
import { concernsOf, laneConcern, leaseConcern } from '@holdfast/core/internal'
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
  return concernsOf(entry).has('lane' in of ? laneConcern(of.lane) : leaseConcern(of.leaseId))
}
