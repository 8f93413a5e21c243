import type { EpochMs } from '@holdfast/core'
import type { BootClock } from '@holdfast/store'

const T0 = 1_700_000_000_000

/** One real time for all, from which every clock is made. */
export class Time {
  nowMs = 0
  readonly wall = (): number => T0 + this.nowMs
  /** A machine that was booted at some other time. */
  boot(bootedMs: number): BootClock {
    return { origin: { bootId: 'b', timeNamespace: 'n', originMs: 0 }, nowMs: () => this.nowMs + bootedMs }
  }
}

/** The wall clock's reading when the real time is `ms`. */
export const at = (ms: number): EpochMs => (T0 + ms) as EpochMs
