import type { Revision } from '@holdfast/core'
import { faultText } from '@holdfast/core/internal'
import { keepPast, PIECE_EVENTS } from '@holdfast/projections/internal'
import type { CompactResult } from '@holdfast/store'
import { checkLedger, checkObject, checkOptions } from '../check-given.ts'
import type { Timers } from '../clock/timers.ts'
import { InputError } from '../input-error.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { cutAt, newestCheckpoint, writeCheckpoint } from './compact-ledger.ts'
import { CompactionPolicy, type CompactionPolicyInput } from './compaction-policy.ts'

/** Pieces of the past that one look keeps at most: more would take long beside what the process is there for. */
const PIECES_AT_ONCE = 16

export interface AutoCompactionStatus {
  readonly automatic: boolean
  readonly running: boolean
  /** Events since the CHECKPOINT at which it cuts next, as far as this ledger object has seen; `null` before its first look. */
  readonly eventsSince: number | null
  /** Cuts that this process has made. */
  readonly compactions: number
  readonly last: CompactResult | null
  /** Why the newest attempt failed; `null` once one has succeeded. It is tried again at every look. */
  readonly lastError: unknown
}

export interface AutoCompactionOptions {
  readonly policy?: CompactionPolicyInput | undefined
  readonly timers: Timers
  /** Asked at each look; `false`: not now. Default: always. */
  readonly isWanted?: (() => boolean) | undefined
  /** Told after every attempt. What it throws is its own affair and stops nothing. */
  readonly onAttempt?: ((status: AutoCompactionStatus) => void) | undefined
}

/** Reads a policy; throws an `InputError` that names every fault. */
export function compactionPolicy(input: CompactionPolicyInput = {}): CompactionPolicy {
  const parsed = CompactionPolicy.safeParse(input)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(issue => ({
    path: ['compaction', ...issue.path].join('.'),
    message: faultText(issue),
  }))
  throw new InputError(faults)
}

/**
 * Compacts a ledger piece by piece: whenever `eventsMax` events follow its newest CHECKPOINT, it cuts there and writes the
 * next one. So the newest events stay in the log, the rest goes into the archive, and questions about the past get the same
 * answers. A CHECKPOINT counts whoever wrote it: several processes that do this keep out of each other's way, and two that
 * do it at once do no harm. It looks at what its own ledger object has seen, so it costs commands nothing. It never raises
 * into anybody: a failure stands in the status. Does not keep the process alive.
 */
export class AutoCompaction implements AsyncDisposable {
  readonly #ledger: Ledger
  readonly #policy: CompactionPolicy
  readonly #options: AutoCompactionOptions
  #automatic: boolean
  /** The CHECKPOINT at which it cuts next. Younger ones of others do not move it, or their stream could put off the cut. */
  #anchor: Revision | null = null
  /** How far the past was kept when this object last looked after it. */
  #keptThrough = -1
  #compactions = 0
  #last: CompactResult | null = null
  #lastError: unknown = null
  #running: Promise<void> | null = null
  #cancel: (() => void) | null = null

  /** Begins to look; throws an `InputError` for a policy that cannot be understood. */
  constructor(ledger: Ledger, options: AutoCompactionOptions) {
    checkLedger(ledger)
    checkOptions(options, { isWanted: 'function', onAttempt: 'function' })
    // The one option that may not be left out.
    checkObject(options.timers, 'timers')
    this.#ledger = ledger
    this.#options = options
    this.#policy = compactionPolicy(options.policy)
    this.#automatic = this.#policy.automatic
    this.#wait()
  }

  get status(): AutoCompactionStatus {
    return {
      automatic: this.#automatic,
      running: this.#running !== null,
      eventsSince: this.#anchor === null ? null : this.#since(this.#anchor),
      compactions: this.#compactions,
      last: this.#last,
      lastError: this.#lastError,
    }
  }

  /** The kill switch: one that runs is finished, none begins. */
  stop(): void {
    this.#automatic = false
    this.#cancel?.()
    this.#cancel = null
  }

  resume(): void {
    if (this.#automatic) return
    this.#automatic = true
    this.#wait()
  }

  /** Looks now, unless the switch is off; settles when nothing runs. Never rejects. */
  async look(): Promise<void> {
    if (this.#automatic && this.#isWanted()) {
      this.#running ??= this.#attempt().finally(() => {
        this.#running = null
      })
    }
    await this.#running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
    await this.#running
  }

  #wait(): void {
    this.#cancel?.()
    this.#cancel = null
    if (!this.#automatic) return
    const again = (): void => void this.look().finally(() => this.#wait())
    this.#cancel = this.#options.timers.after(this.#policy.everyMs, again, { background: true })
  }

  #isWanted(): boolean {
    return this.#options.isWanted?.() ?? true
  }

  async #attempt(): Promise<void> {
    await this.#compact()
    // A cache that fails is a cache that is not there.
    await this.#keepPast().catch(() => undefined)
  }

  async #compact(): Promise<void> {
    try {
      if (!(await this.#compactWhenDue())) return
      this.#lastError = null
    } catch (error) {
      this.#lastError = error
      // What it meant to cut at may be gone by now: others compact, and drop the archive.
      this.#anchor = null
    }
    this.#tell()
  }

  /** Keeps what questions about the past are answered by near the head, a little at each look. */
  async #keepPast(): Promise<void> {
    const { head, store, stream } = this.#ledger
    if (head === 'none' || head - this.#keptThrough < PIECE_EVENTS) return
    await keepPast(store, stream, { piecesMax: PIECES_AT_ONCE })
    this.#keptThrough = head
  }

  /** Whether anything was due. */
  async #compactWhenDue(): Promise<boolean> {
    const anchor = (this.#anchor ??= await newestCheckpoint(this.#ledger))
    if (!this.#isDue(anchor)) return false
    const result = await cutAt(this.#ledger, anchor)
    if (result.eventsAfter < result.eventsBefore) {
      this.#compactions += 1
      this.#last = result
    }
    if (this.#isDue(await newestCheckpoint(this.#ledger))) await writeCheckpoint(this.#ledger, 'automatic')
    this.#anchor = await newestCheckpoint(this.#ledger)
    return true
  }

  #isDue(checkpoint: Revision): boolean {
    return this.#since(checkpoint) >= this.#policy.eventsMax
  }

  /** Revisions have no gaps but at CHECKPOINTs. */
  #since(checkpoint: Revision): number {
    const { head } = this.#ledger
    return head === 'none' ? 0 : Math.max(0, head - checkpoint)
  }

  #tell(): void {
    try {
      this.#options.onAttempt?.(this.status)
    } catch {
      // Whoever listens must not stop what it listens to.
    }
  }
}
