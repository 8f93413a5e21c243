import type { LogEntry, Revision, Token } from '@holdfast/core'
import { readHistory, type LogStore } from '@holdfast/store'

/** What a draining entry is found by. */
export interface Drained {
  readonly leaseId: string
  readonly token: Token
  readonly ledgerWide?: true | undefined
}

/**
 * The event that made each entry drain: the SCAVENGE or ADOPT that took the lease, or the CHECKPOINT of a restore. By
 * `leaseId` and token; an entry is missing where its event was dropped from the archive. Reads archive and log from the
 * oldest of their tokens on. Rejects as the store does.
 */
export async function forcedEndings<D extends Drained>(
  store: LogStore,
  stream: string,
  drains: readonly D[],
): Promise<ReadonlyMap<D, LogEntry>> {
  const found = new Map<D, LogEntry>()
  if (drains.length === 0) return found
  // A token is a revision: nothing that took the lease is older.
  const from = Math.min(...drains.map(({ token }) => token)) as Revision
  for await (const entries of readHistory(store, stream, { from })) {
    for (const entry of entries) {
      const drain = drains.find(one => !found.has(one) && ended(one, entry))
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
