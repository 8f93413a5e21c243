import type { LogEntry, Revision, Token } from '@holdfast/core'
import { leaseConcern } from '@holdfast/core/internal'
import type { LogStore } from '@holdfast/store'
import { isOneOf, type Place } from './concern-marks.ts'
import { entriesAt } from './entries-at.ts'
import { readConcerning } from './read-concerning.ts'

/** What a draining entry is found by. */
export interface Drained {
  readonly leaseId: string
  readonly token: Token
  readonly ledgerWide?: true | undefined
}

/**
 * The event that made each entry drain: the SCAVENGE or ADOPT that took the lease, or the CHECKPOINT of a restore. By
 * `leaseId` and token; an entry is missing where its event was dropped from the archive. Rejects as the store does.
 */
export async function forcedEndings<D extends Drained>(
  store: LogStore,
  stream: string,
  drains: readonly D[],
): Promise<ReadonlyMap<D, LogEntry>> {
  const found = new Map<D, LogEntry>()
  const closing = drains.filter(({ ledgerWide }) => ledgerWide === true)
  const taken = drains.filter(({ ledgerWide }) => ledgerWide !== true)
  for (const drain of closing) {
    // The CHECKPOINT of a restore stands at the token itself.
    for (const entry of await entriesAt(store, stream, [Number(drain.token) as Revision])) {
      if (ended(drain, entry)) found.set(drain, entry)
    }
  }
  if (taken.length === 0) return found
  // A token is a revision: nothing that took the lease is older.
  const from = Math.min(...taken.map(({ token }) => token)) as Revision
  const concerns = [...new Set(taken.map(({ leaseId }) => leaseConcern(leaseId)))]
  const isWanted = (place: Place): boolean => isOneOf(place, ['SCAVENGE', 'ADOPT'])
  for await (const entries of readConcerning(store, stream, concerns, { from, isWanted })) {
    for (const entry of entries) {
      const drain = taken.find(one => !found.has(one) && ended(one, entry))
      if (drain !== undefined) found.set(drain, entry)
    }
    if (found.size === drains.length) break
  }
  return found
}

function ended({ leaseId, token, ledgerWide }: Drained, entry: LogEntry): boolean {
  switch (entry.type) {
    case 'SCAVENGE':
      return entry.data.leaseId === leaseId && entry.data.token === token
    case 'ADOPT':
      return entry.data.leaseId === leaseId && entry.data.previousToken === token
    case 'CHECKPOINT':
      return ledgerWide === true && entry.revision === Number(token)
    case 'ACQUIRE':
    case 'RELEASE':
    case 'HEARTBEAT':
    case 'HALT':
    case 'SPAWN':
    case 'REFUSE':
    case 'UNRECOGNISED':
      return false
  }
}
