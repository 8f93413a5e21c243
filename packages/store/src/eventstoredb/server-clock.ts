import { BOOT_STEP_MS, type BootClock } from '../boot-clock.ts'
import type { StreamPoint } from './stream-point.ts'

/**
 * What this process knows of the leader's clock: the newest `created` that it has seen plus its own boot clock since.
 * That is never above the leader's clock unless the leader's clock was set back. The local wall clock plays no part.
 */
export class ServerClock {
  readonly #boot: BootClock
  /** The leader's clock minus ours, as of the best sighting. */
  #aheadMs = Number.NEGATIVE_INFINITY
  #fresh = false
  readonly #learned = new WeakMap<StreamPoint, Learned>()

  constructor(boot: BootClock) {
    this.#boot = boot
  }

  /** Whether something was seen that the leader took while this process watched; history alone may be old. */
  get fresh(): boolean {
    return this.#fresh
  }

  /** Whether the leader's clock is known at all. */
  get known(): boolean {
    return this.#aheadMs !== Number.NEGATIVE_INFINITY
  }

  /** An event that the leader took while this process watched. */
  sawWritten(createdMs: number): void {
    this.#saw(createdMs)
    this.#fresh = true
  }

  /** An event out of history: the leader's clock is at least there. */
  #saw(createdMs: number): void {
    this.#aheadMs = Math.max(this.#aheadMs, createdMs - this.#boot.nowMs() - BOOT_STEP_MS)
  }

  /** Takes note of when a point came to be known. */
  learn(point: StreamPoint): void {
    if (this.#learned.has(point)) return
    this.#saw(point.movedAtCreatedMs)
    const elapsedMs = this.#fresh ? this.#sinceMs(point.movedAtCreatedMs) : undefined
    this.#learned.set(point, { atBootMs: this.#boot.nowMs(), elapsedMs })
  }

  /** The log's clock at an empty stream: the leader's. */
  nowMs(): number {
    return Math.floor(this.#aheadMs + this.#boot.nowMs())
  }

  /**
   * The log's clock after a point: its `recordedAt` plus the time since an event moved it. Once a point is known, that
   * time runs on the boot clock alone, so a leader whose clock is ahead moves nothing before it has written an event.
   */
  nowAfterMs(point: StreamPoint): number {
    const learned = this.#learned.get(point) ?? { atBootMs: this.#boot.nowMs(), elapsedMs: 0 }
    const watchedMs = Math.max(0, this.#boot.nowMs() - learned.atBootMs - BOOT_STEP_MS)
    if (learned.elapsedMs === undefined && this.#fresh) {
      learned.elapsedMs = Math.max(0, this.#sinceMs(point.movedAtCreatedMs) - watchedMs)
      this.#learned.set(point, learned)
    }
    return Math.floor(point.recordedAtMs + (learned.elapsedMs ?? 0) + watchedMs)
  }

  #sinceMs(createdMs: number): number {
    return Math.max(0, this.nowMs() - createdMs)
  }
}

interface Learned {
  readonly atBootMs: number
  /** Time that had passed since the event when it was read; undefined until the leader's clock is known. */
  elapsedMs: number | undefined
}
