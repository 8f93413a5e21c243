import type { EpochMs, LogEntry } from '@holdfast/core'
import type { LogStore } from '@holdfast/store'
import type { Observable } from 'rxjs'
import type { LedgerFold } from '../ledger/ledger-fold.ts'
import { leaseViews, type LeaseView } from '../view/lease-view.ts'
import { earliestAfter } from './earliest-after.ts'
import { watch$, type Look, type WatchOptions } from './watch.ts'

/**
 * The live set: once with what is there, then after each change, and whenever a lease expires (which no event tells).
 * In the order of the ACQUIREs; a batch of entries that comes at once gives one list. An emission may equal the one
 * before.
 *
 * Errors are `StoreError`s; RxJS's `retry` begins anew. Unsubscribing frees subscription and timer at once.
 */
export function liveLeases$(store: LogStore, stream: string, options: WatchOptions): Observable<LeaseView[]> {
  return watch$(store, stream, () => ({ touches: touchesLeases, look: lookAtLeases }), options)
}

function lookAtLeases({ state }: LedgerFold, nowMs: EpochMs): Look<LeaseView[]> {
  const view = leaseViews(state, nowMs)
  const ends = view.flatMap(({ expiresAtMs, draining }) => [expiresAtMs, ...draining.map(({ untilMs }) => untilMs)])
  return { view, changesAtMs: earliestAfter(nowMs, ends) }
}

/** Refusals and intents never change the live set (law 6). */
export function touchesLeases(entry: LogEntry): boolean {
  switch (entry.type) {
    case 'ACQUIRE':
    case 'RELEASE':
    case 'HEARTBEAT':
    case 'ADOPT':
    case 'SCAVENGE':
    case 'CHECKPOINT':
      return true
    case 'HALT':
    case 'SPAWN':
    case 'REFUSE':
    case 'UNRECOGNISED':
      return false
  }
}
