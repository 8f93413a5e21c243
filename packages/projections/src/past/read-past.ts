import { canonical, Lane, LeaseId, type EpochMs, type LogEntry } from '@holdfast/core'
import { readHistory, type LogStore } from '@holdfast/store'
import { project } from '../projection.ts'
import { concerns } from './history.ts'
import { lineageProjection, type Lineage } from './lineage.ts'

/** What the whole history, archive included, says of one name. */
export interface PastOf {
  /** The newest events that concern it, oldest first. */
  readonly events: readonly LogEntry[]
  /** Events that concern it and are older than those. */
  readonly earlier: number
  readonly lineages: readonly Lineage[]
}

/**
 * Reads everything that was recorded about a lane or a lease: a name can be both, for imported leases are named freely.
 * Keeps the newest `last` events. Rejects as the store does.
 */
export async function readPast(
  store: LogStore,
  stream: string,
  { name, last, nowMs }: { readonly name: string; readonly last: number; readonly nowMs: EpochMs },
): Promise<PastOf> {
  const lane = Lane.safeParse(name)
  const leaseId = LeaseId.safeParse(name)
  let lineage = lineageProjection.initial()
  let count = 0
  let events: LogEntry[] = []
  for await (const entries of readHistory(store, stream)) {
    const ours = entries.filter(
      entry =>
        (lane.success && concerns(entry, { lane: lane.data })) ||
        (leaseId.success && concerns(entry, { leaseId: leaseId.data })),
    )
    count += ours.length
    events = [...events, ...ours].slice(-last)
    lineage = project(lineageProjection, ours, lineage)
  }
  const lineages = lineageProjection
    .view(lineage, nowMs)
    .filter(one => canonical(one.lane) === canonical(name) || one.leaseId === name)
  return { events, earlier: count - events.length, lineages }
}
