import type { LogEntry } from '@holdfast/core'
import type { CompactResult } from '@holdfast/store'
import * as z from 'zod'
import type { Ledger } from '../ledger/ledger.ts'
import { compactLedger } from './compact-ledger.ts'

/** When a log is long enough to be compacted by itself. Local: each process may have another, or none. */
export const CompactionPolicy = z.strictObject({
  /** The kill switch. */
  automatic: z.boolean().default(true),
  /** Events since the newest CHECKPOINT. */
  eventsMax: z.int().min(100).default(50_000),
  /** Bytes of their data, as far as this process has seen them. */
  bytesMax: z
    .int()
    .min(64 * 1024)
    .default(64 * 1024 * 1024),
})
export type CompactionPolicy = Readonly<z.infer<typeof CompactionPolicy>>

export interface AutoCompactionStatus {
  readonly automatic: boolean
  readonly running: boolean
  readonly eventsSince: number
  readonly bytesSince: number
  readonly compactions: number
  readonly last: CompactResult | null
  /** Why the newest attempt failed; it is tried again after as much again has been written. */
  readonly lastError: unknown
}

/**
 * Compacts a ledger whenever what was written since its newest CHECKPOINT passes a threshold; whoever's CHECKPOINT it is,
 * so several processes that do this keep out of each other's way. A failure stops nothing.
 */
export class AutoCompaction implements AsyncDisposable {
  readonly #ledger: Ledger
  readonly #policy: CompactionPolicy
  readonly #unlisten: () => void
  #automatic: boolean
  #eventsSince = 0
  #bytesSince = 0
  #compactions = 0
  #last: CompactResult | null = null
  #lastError: unknown = null
  #running: Promise<void> | null = null

  private constructor(ledger: Ledger, policy: CompactionPolicy, eventsSince: number) {
    this.#ledger = ledger
    this.#policy = policy
    this.#automatic = policy.automatic
    this.#eventsSince = eventsSince
    this.#unlisten = ledger.listen(entries => this.#take(entries))
    this.#look()
  }

  /** Rejects with a `StoreError` when the log cannot be read. */
  static async start(ledger: Ledger, policy: z.input<typeof CompactionPolicy> = {}): Promise<AutoCompaction> {
    const checkpoint = await ledger.store.latestCheckpoint(ledger.stream)
    const { head } = await ledger.refresh()
    // Between a CHECKPOINT and the head revisions have no gaps.
    const eventsSince = checkpoint === null ? 0 : head - checkpoint.revision
    return new AutoCompaction(ledger, CompactionPolicy.parse(policy), eventsSince)
  }

  get status(): AutoCompactionStatus {
    return {
      automatic: this.#automatic,
      running: this.#running !== null,
      eventsSince: this.#eventsSince,
      bytesSince: this.#bytesSince,
      compactions: this.#compactions,
      last: this.#last,
      lastError: this.#lastError,
    }
  }

  /** The kill switch: one that runs is finished, none begins. */
  stop(): void {
    this.#automatic = false
  }

  resume(): void {
    this.#automatic = true
    this.#look()
  }

  /** Settles when none runs. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unlisten()
    this.stop()
    await this.idle()
  }

  #take(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (entry.type === 'CHECKPOINT') this.#reset()
      else {
        this.#eventsSince += 1
        this.#bytesSince += JSON.stringify(entry.type === 'UNRECOGNISED' ? entry.raw.data : entry.data)?.length ?? 0
      }
    }
    this.#look()
  }

  #reset(): void {
    this.#eventsSince = 0
    this.#bytesSince = 0
  }

  #look(): void {
    const { eventsMax, bytesMax } = this.#policy
    const due = this.#eventsSince >= eventsMax || this.#bytesSince >= bytesMax
    if (!due || !this.#automatic || this.#running !== null) return
    this.#reset()
    this.#running = this.#compact().finally(() => {
      this.#running = null
    })
  }

  async #compact(): Promise<void> {
    try {
      this.#last = await compactLedger(this.#ledger, { reason: 'automatic' })
      this.#compactions += 1
      this.#lastError = null
    } catch (error) {
      this.#lastError = error
    }
  }
}
