import { randomUUID } from 'node:crypto'
import { remainingMs, withinDeadline } from '../deadline.ts'
import { StoreError } from '../errors.ts'
import { CLOCK_STREAM } from './physical-name.ts'
import type { Server } from './server.ts'

/** Probes that the server keeps. */
const PROBES_KEPT = 10

/** Longest time that a probe takes from the operation it serves; that one has the other half at least. */
const PROBE_DEADLINE_MS = 2_000

/** Pause after a probe that failed: what comes next in the same outage asks for its own answer at once. */
const PROBE_AGAIN_MS = 5_000

/**
 * Asks the leader for its clock, which only an append tells: once for a process that has seen nothing but history, so
 * that it knows how long ago that was. Who may not write, or has no answer, learns nothing, and takes less time to have
 * passed than has.
 */
export class ClockProbe {
  readonly #server: Server
  #failedAtMs = Number.NEGATIVE_INFINITY

  constructor(server: Server) {
    this.#server = server
  }

  /** Rejects with `unavailable` only where nothing at all is known of the leader's clock. */
  async look(): Promise<void> {
    const { clock } = this.#server
    if (clock.fresh || (clock.known && performance.now() - this.#failedAtMs < PROBE_AGAIN_MS)) return
    const spanMs = clock.known ? Math.min(PROBE_DEADLINE_MS, remainingMs() / 2) : remainingMs()
    try {
      await withinDeadline(spanMs, () => this.#probe())
    } catch (error) {
      const isLate =
        error instanceof StoreError && (error.code === 'unavailable' || error.code === 'timeout-unknown-outcome')
      if (!isLate || !clock.known) throw isLate ? asUnavailable(error) : error
      this.#failedAtMs = performance.now()
    }
  }

  async #probe(): Promise<void> {
    const probe = { eventId: randomUUID(), type: 'CLOCK', data: {}, metadata: {} }
    const position = await this.#server.appendAnywhere(CLOCK_STREAM, [probe], () => Promise.resolve(undefined))
    const records = await this.#server.read(CLOCK_STREAM, { from: position, count: 1 })
    const [record] = records === 'missing' ? [] : records
    if (record !== undefined) this.#server.clock.sawWritten(record.createdMs)
    if (position === 0) {
      const limits = { eventId: randomUUID(), type: '$metadata', data: { $maxCount: PROBES_KEPT }, metadata: {} }
      await this.#server.append(`$$${CLOCK_STREAM}`, 'no_stream', [limits])
    }
  }
}

/** A probe says nothing of the ledger: whether it was written is in nobody's doubt. */
function asUnavailable(error: StoreError): StoreError {
  return error.code === 'timeout-unknown-outcome' && error.cause instanceof StoreError ? error.cause : error
}
