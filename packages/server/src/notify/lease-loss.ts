import type { EventData, Lease, LogEntry } from '@holdfast/core'
import type { Cause } from './cause.ts'
import { shown } from './conditions.ts'

/** What changes a lease, or ends it. */
export type LeaseEntry = Extract<LogEntry, { readonly type: 'HEARTBEAT' | 'RELEASE' | 'ADOPT' | 'SCAVENGE' }>

/** The lease was taken from its holder. Work that has ended is no loss, and a reaper's claim is nobody's work. */
export function lossOf(lease: Lease, entry: LeaseEntry): Cause[] {
  if (lease.claim !== null) return []
  const how = takenBy(entry)
  if (how === null) return []
  const found = shown('lease-lost', lease, { sinceMs: entry.recordedAt, reason: how })
  return [{ ...found.cause, subject: `lost r${entry.revision}`, revision: entry.revision }]
}

function takenBy(entry: LeaseEntry): string | null {
  switch (entry.type) {
    case 'HEARTBEAT':
    case 'RELEASE':
      return null
    case 'ADOPT':
      return entry.data.ground === 'exited'
        ? null
        : `${entry.data.newHolder} has taken its lease over (${ground(entry.data)})`
    case 'SCAVENGE':
      return entry.data.cause === 'exited' ? null : `its lease was ended by somebody else (${entry.data.cause})`
  }
}

function ground({ ground: named, forced }: EventData<'ADOPT'>): string {
  return named ?? (forced ? 'forced' : 'no ground is recorded')
}

/** The token at which an entry speaks of a lease. */
export function tokenIn(entry: LeaseEntry): number | null {
  return entry.type === 'ADOPT' ? entry.data.previousToken : entry.data.token
}
