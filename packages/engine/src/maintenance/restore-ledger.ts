import { believedSpanMs, isLeaseSpanBound } from '@holdfast/core/internal'
import { StoreError, type OpenStoreOptions } from '@holdfast/store'
import { checkOptions, checkText } from '../check-given.ts'
import { openLeanLedger, type OpenLedgerOptions } from '../ledger/open-ledger.ts'
import { written } from './written.ts'

/** A restored ledger goes on at the next multiple of this: no revision of the history that was lost comes again. */
export const RESTORE_STEP = 2 ** 32

export interface RestoreOptions
  extends Pick<OpenStoreOptions, 'clock' | 'bootClock'>, Pick<OpenLedgerOptions, 'actor'> {
  /** Opens it at once, without draining: an operator's word that nobody believes in a grant of the lost history. */
  readonly force?: boolean | undefined
  readonly reason?: string | undefined
  /** Moves a store that is at the place already, with what belongs to it, to another name; else it is refused. */
  readonly moveAside?: boolean | undefined
  /** Hears where that was moved. */
  readonly onMovedAside?: ((path: string) => void) | undefined
  /** Called with the path before the store has its place there; what it throws keeps it from that. */
  readonly onMaking?: ((path: string) => void) | undefined
  /** Aborted before the store has its place, it leaves nothing and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

export interface RestoredLedger {
  readonly ledger: string
  readonly ledgerId: string
  /** Where the backup ended, and the revision with which it goes on. */
  readonly through: number
  readonly head: number
  /** Until when nothing is granted; `null` when forced. */
  readonly drainsUntil: number | null
  /** Until when a holder may still believe in a grant that the backup does not hold, also when forced. */
  readonly believedUntil: number
  /**
   * What that rests on. `fixed`: no ceiling could be set above the bound in the log, so it is enough. `derived`: the ledger
   * is older than such a bound, and a ceiling that was raised after the backup may have let a holder act for longer.
   */
  readonly bound: 'fixed' | 'derived'
  /** From the restore until `believedUntil`. */
  readonly spanMs: number
}

const OPTIONS = {
  force: 'boolean',
  reason: 'text',
  moveAside: 'boolean',
  onMovedAside: 'function',
  onMaking: 'function',
  signal: 'signal',
} as const

/**
 * Puts a backup back as the SQLite store at `path`, all of its ledgers: each goes on at the next multiple of 2^32, so a
 * token of the lost history is never matched again, and drains for as long as any grant of that history can be believed
 * in, counted from now: the store that was lost must be out of everybody's reach already. The store appears whole, with all of that, or not at all.
 *
 * Rejects with a `StoreError`: `invalid` for a file that is no backup or a place that is taken, `moved` and
 * `ledger-newer` for ledgers that may not be continued here, and the store's own.
 */
export async function restoreBackup(
  file: string,
  path: string,
  request: RestoreOptions = {},
): Promise<readonly RestoredLedger[]> {
  checkText(file, 'file')
  checkText(path, 'path')
  checkOptions(request, OPTIONS)
  const { signal, moveAside, onMovedAside, onMaking, ...options } = request
  const { prepareRestore } = await import('@holdfast/store/sqlite')
  const pending = await prepareRestore({ file, path, aside: moveAside })
  try {
    const restored: RestoredLedger[] = []
    for (const ledger of pending.ledgers) {
      signal?.throwIfAborted()
      restored.push(await goOn(pending.draft, ledger, options))
    }
    signal?.throwIfAborted()
    onMaking?.(path)
    const aside = pending.publish()
    if (aside !== undefined) onMovedAside?.(aside)
    return restored
  } finally {
    pending.abandon()
  }
}

async function goOn(draft: string, name: string, options: Omit<RestoreOptions, 'signal'>): Promise<RestoredLedger> {
  const { force = false, reason, ...opening } = options
  await using ledger = await openLeanLedger(`sqlite:${draft}`, { ...opening, ledger: name, create: false })
  const { head: through, offset } = await ledger.refresh()
  const next = (Math.floor(through / RESTORE_STEP) + 1) * RESTORE_STEP
  written(await ledger.checkpoint({ offset: offset + next - (through + 1), restored: { force }, reason }))
  const { head } = await ledger.refresh()
  const checkpoint = await ledger.store.latestCheckpoint(ledger.stream)
  if (head !== next || checkpoint === null) {
    throw new StoreError('corrupt', `The ledger ${JSON.stringify(name)} went on at ${head} instead of ${next}.`)
  }
  const drainsUntil = checkpoint.data.restored?.drainsUntil ?? null
  const spanMs = believedSpanMs(ledger.state)
  const believedUntil = drainsUntil ?? checkpoint.recordedAt + spanMs
  const bound = isLeaseSpanBound(ledger.config) ? 'fixed' : 'derived'
  return { ledger: name, ledgerId: ledger.ledgerId, through, head, drainsUntil, believedUntil, bound, spanMs }
}
