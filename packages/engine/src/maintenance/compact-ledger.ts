import { restoreState, type LedgerId, type RecordedEvent, type Revision } from '@holdfast/core'
import { closedToGrants, nextRevision } from '@holdfast/core/internal'
import { StoreError, type CompactResult } from '@holdfast/store'
import { isBeside } from '@holdfast/store/internal'
import { checkLedger, checkOptions } from '../check-given.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { written } from './written.ts'

/** What a compaction leaves in the log: at least so many of the newest events, or all of the newest span. */
export type KeepLast = { readonly events: number } | { readonly spanMs: number }

export interface CompactOptions {
  /** Cuts at a CHECKPOINT that is there already, and writes none; default: at the head. */
  readonly keepLast?: KeepLast | undefined
  readonly reason?: string | undefined
}

/**
 * Writes the state down at the head and moves everything before it into the archive; others go on writing meanwhile,
 * and several may do this at once. Interrupted between its two steps it has left a CHECKPOINT more, which says nothing
 * new; running it again finishes it. With `keepLast`, when no CHECKPOINT lies far enough back, nothing changes.
 *
 * Rejects with a `StoreError`: `ledger-newer` and `moved` for a log that this program may not compact, and the store's own.
 */
export async function compactLedger(ledger: Ledger, options: CompactOptions = {}): Promise<CompactResult> {
  checkLedger(ledger)
  checkOptions(options, { keepLast: 'object', reason: 'text' })
  const { keepLast, reason } = options
  if (keepLast !== undefined) checkOptions(keepLast, { events: 'number', spanMs: 'number' }, 'keepLast')
  const { store, stream } = ledger
  await mustBeOpen(ledger)
  if (keepLast !== undefined) {
    const checkpoint = (await atLeast(ledger, keepLast)) ?? (await firstOf(ledger))
    return store.compact(stream, checkpoint.revision)
  }
  const { checkpoint, wrote } = await atHead(ledger, reason)
  const { eventsBefore, eventsAfter, bytesReclaimed } = await store.compact(stream, checkpoint.revision)
  // The CHECKPOINT that this call wrote was not there before it.
  const before = wrote ? Math.max(eventsBefore - 1, eventsAfter) : eventsBefore
  return { eventsBefore: before, eventsAfter, bytesReclaimed }
}

/**
 * The second half of a compaction alone: cuts at a CHECKPOINT that stands in the log, and changes nothing when it was cut
 * there or further. Rejects as `compactLedger` does, and with `invalid` when there is no such CHECKPOINT.
 */
export async function cutAt(ledger: Ledger, checkpoint: Revision): Promise<CompactResult> {
  await mustBeOpen(ledger)
  return ledger.store.compact(ledger.stream, checkpoint)
}

/** The first half alone. Rejects as `compactLedger` does. */
export async function writeCheckpoint(ledger: Ledger, reason: string): Promise<void> {
  written(await ledger.checkpoint({ reason }))
}

/** Revision of the newest CHECKPOINT; rejects with `ledger-newer` when this program could not begin a log with it. */
export async function newestCheckpoint({ store, stream, ledgerId }: Ledger): Promise<Revision> {
  const newest = await store.latestCheckpoint(stream)
  if (newest === null || !stands(newest, ledgerId)) throw unreadable(newest)
  return newest.revision
}

async function mustBeOpen(ledger: Ledger): Promise<void> {
  const closed = closedToGrants(await ledger.refresh())
  if (closed !== null) throw new StoreError(closed.code === 'not-founded' ? 'invalid' : closed.code, closed.message)
}

/** The newest CHECKPOINT: the head itself, or one written now, or one that somebody else has written since. */
async function atHead(ledger: Ledger, reason: string | undefined) {
  const { store, stream } = ledger
  const newest = await store.latestCheckpoint(stream)
  if (newest !== null && newest.revision === (await store.head(stream)) && stands(newest, ledger.ledgerId)) {
    return { checkpoint: newest, wrote: false }
  }
  written(await ledger.checkpoint({ reason }))
  const checkpoint = await store.latestCheckpoint(stream)
  if (checkpoint === null || !stands(checkpoint, ledger.ledgerId)) throw unreadable(checkpoint)
  return { checkpoint, wrote: true }
}

/** The newest CHECKPOINT with at least so much behind it. */
async function atLeast({ store, stream, ledgerId }: Ledger, keep: KeepLast) {
  const keepAfterMs = 'spanMs' in keep ? (await store.now(stream)) - keep.spanMs : null
  let kept = 0
  for await (const entries of store.read(stream, { direction: 'backwards' })) {
    for (const entry of entries) {
      kept += 1
      const enough = 'events' in keep ? kept >= keep.events : entry.recordedAt <= (keepAfterMs ?? 0)
      if (!enough || entry.type !== 'CHECKPOINT') continue
      // Where its state lies beside it, only that says whether a log can begin there.
      const whole = isBeside(entry) ? await store.latestCheckpoint(stream, nextRevision(entry.revision)) : entry
      if (whole?.revision === entry.revision && stands(whole, ledgerId)) return whole
    }
  }
  return null
}

async function firstOf({ store, stream }: Ledger): Promise<RecordedEvent<'CHECKPOINT'>> {
  for await (const [first] of store.read(stream, { limit: 1 })) if (first?.type === 'CHECKPOINT') return first
  throw unreadable(null)
}

/** Whether a log may begin with it: what cannot be restored must never be all that is left. */
function stands({ data }: RecordedEvent<'CHECKPOINT'>, ledgerId: LedgerId): boolean {
  return data.ledgerId === ledgerId && restoreState(data) !== null
}

function unreadable(checkpoint: RecordedEvent<'CHECKPOINT'> | null): StoreError {
  const where = checkpoint === null ? 'at the beginning of the log' : `at revision ${checkpoint.revision}`
  return new StoreError('ledger-newer', `The CHECKPOINT ${where} cannot be read by this version. Nothing was cut.`)
}
