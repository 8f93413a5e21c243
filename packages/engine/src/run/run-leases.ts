import type { BeatDetails } from '../hold/hold-context.ts'
import type { HeldLease } from '../hold/held-lease.ts'

/** The leases of one run: beaten together, and lost or halted as soon as one of them is. */
export class RunLeases {
  /** The one that was asked for by name; the child is told of it. */
  readonly first: HeldLease
  readonly all: readonly HeldLease[]
  /** Aborts when one of them is lost, with its loss. */
  readonly signal: AbortSignal
  /** Aborts when the holder of one of them is asked to stop, with the HALT. */
  readonly haltRequested: AbortSignal

  constructor(leases: readonly [HeldLease, ...HeldLease[]]) {
    this.first = leases[0]
    this.all = leases
    this.signal = AbortSignal.any(leases.map(({ signal }) => signal))
    this.haltRequested = AbortSignal.any(leases.map(({ haltRequested }) => haltRequested))
  }

  /** Whether all may be acted under now. A sample, like that of each. */
  get isHeld(): boolean {
    return this.all.every(lease => lease.isHeld)
  }

  /** Rejects with the loss, or with the store's error. */
  async beat(details: BeatDetails): Promise<void> {
    await Promise.all(this.all.map(lease => lease.beat(details)))
  }

  async enactHalt(): Promise<void> {
    await Promise.all(this.all.map(lease => lease.enactHalt()))
  }

  async release(reason?: string): Promise<void> {
    await Promise.all(this.all.map(lease => lease.release(reason)))
  }

  abandon(): void {
    for (const lease of this.all) lease.abandon()
  }
}
