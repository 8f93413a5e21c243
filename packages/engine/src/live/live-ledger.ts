import type { LogEntry } from '@holdfast/core'
import type { LeaseLiveness, LeaseView, LivenessPorts, LivenessSettings } from '@holdfast/projections'
import { events$, liveLeases$, liveness$ } from '@holdfast/projections/streams'
import type { LogStore } from '@holdfast/store'
import type { Observable } from 'rxjs'
import { checkOptions, checkStore } from '../check-given.ts'
import { AutoCompaction, compactionPolicy } from '../maintenance/auto-compaction.ts'
import type { CompactionPolicyInput } from '../maintenance/compaction-policy.ts'
import { systemProbe } from '../process/probe.ts'
import { Ledger } from '../ledger/ledger.ts'
import type { LedgerParts } from '../ledger/ledger-parts.ts'
import { openMeant, openWith } from '../ledger/open-ledger.ts'
import { observing, type ObservedOptions } from '../telemetry/observe.ts'

export interface LiveLedgerOptions extends ObservedOptions {
  /** How liveness is judged; default `DEFAULT_LIVENESS_SETTINGS`. */
  readonly liveness?: LivenessSettings | undefined
  /** Asked for commits and changed files; default: only the log's own events count as work. */
  readonly progress?: LivenessPorts['progress']
  /** When the log is compacted by itself; `{ automatic: false }`: never. Its status: `ledger.compaction`. */
  readonly compaction?: CompactionPolicyInput | undefined
}

const OPTIONS = { liveness: 'object', progress: 'function', telemetry: 'object-or-false' } as const

/**
 * A ledger for a process that stays: with its views as RxJS streams, and compacted by itself. Each subscription follows
 * the log by itself and is freed with it.
 */
export class LiveLedger extends Ledger {
  /** Compacts the log by the policy that the ledger was opened with; `stop` is its kill switch. */
  readonly compaction: AutoCompaction
  readonly #parts: LedgerParts
  readonly #options: LiveLedgerOptions

  constructor(parts: LedgerParts, options: LiveLedgerOptions) {
    super(parts)
    this.#parts = parts
    this.#options = options
    this.compaction = new AutoCompaction(this, {
      policy: options.compaction,
      timers: parts.timers,
      isWanted: () => this.hasWritten,
    })
  }

  override async close(): Promise<void> {
    await this.compaction[Symbol.asyncDispose]()
    await super.close()
  }

  /** Every entry: archive and log, then live, no gap and no duplicate. Errors with `HistoryTruncated` where history was dropped. */
  get events$(): Observable<LogEntry> {
    return events$(this.store, this.stream)
  }

  /** The live set, after each change and whenever a lease expires. */
  get liveLeases$(): Observable<LeaseView[]> {
    return liveLeases$(this.store, this.stream, { timers: this.#parts.timers })
  }

  /** Each live lease with its verdict, whenever something of it changes, by time alone as well. */
  get liveness$(): Observable<LeaseLiveness> {
    const { liveness: settings, progress, probe = systemProbe } = this.#options
    return liveness$(this.store, this.stream, { timers: this.#parts.timers, settings, probe, progress })
  }
}

/**
 * Opens a ledger: the one at `url`, or without one the ledger that the command line would mean in this folder
 * (HOLDFAST_STORE, else what the repository or folder has; see docs/which-ledger.md). `create` says what is made.
 *
 * Rejects with a `StoreError`: `no-ledger` for a store or ledger that is not there and may not be made, `unavailable` (a
 * `.git` that points nowhere too), `corrupt`, `foreign` (another application's file, another ledger's log; without a URL
 * also one that HOLDFAST_LEDGER_ID does not mean), `moved` (without a URL), `ledger-newer`, `clock-mismatch`, `invalid`
 * (unknown scheme); with an `InputError` for options that cannot be understood.
 */
export async function openLedger(url?: string, options: LiveLedgerOptions = {}): Promise<LiveLedger> {
  checkOptions(options, OPTIONS)
  compactionPolicy(options.compaction)
  return openMeant(url, options, openLedgerOn)
}

/** Opens a ledger on a store that is open already. The ledger closes the store with itself. */
export async function openLedgerOn(store: LogStore, options: LiveLedgerOptions = {}): Promise<LiveLedger> {
  checkOptions(options, OPTIONS)
  checkStore(store)
  const observed = await observing(store, options)
  if (observed === null) return openWith(store, options, parts => new LiveLedger(parts, options))
  return openWith(observed.store, options, parts => {
    const through: LedgerParts['through'] = own => observed.commands(parts.through?.(own) ?? own)
    return new LiveLedger({ ...parts, through }, options)
  })
}
