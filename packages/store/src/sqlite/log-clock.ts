import { ORIGIN_TOLERANCE_MS, sameOrigin, type BootClock } from '../boot-clock.ts'
import { StoreError } from '../errors.ts'
import type { ClockAnchor } from './store-row.ts'

/** What the clock of a store reads at an instant; `reanchored` must be stored before anything is recorded by it. */
export interface ClockReading {
  readonly clockMs: number
  readonly reanchored: ClockAnchor | undefined
}

export interface ClockSources {
  readonly wallMs: () => number
  readonly bootClock: BootClock
}

/**
 * The store's clock: bound to the boot clock when the store is first written in a boot, so that no step of the wall
 * clock moves it. A new boot binds it anew at the wall clock, but never below `floorMs`, the newest time it recorded.
 *
 * Under one boot id there can be two boot clocks (a container with an uptime of its own): readings of the two cannot
 * be compared, and taking one for the other would end leases early, hence `clock-mismatch`.
 */
export function readLogClock(
  anchor: ClockAnchor | undefined,
  floorMs: number,
  { wallMs, bootClock }: ClockSources,
): ClockReading {
  const bootMs = bootClock.nowMs()
  if (anchor !== undefined && anchor.origin.bootId === bootClock.origin.bootId) {
    const clockMs = anchor.baseMs + bootMs
    const wentBack = clockMs < floorMs - ORIGIN_TOLERANCE_MS
    const bootIsKnown = anchor.origin.bootId !== ''
    if (bootIsKnown && (wentBack || !sameOrigin(anchor.origin, bootClock.origin))) throw clockMismatch()
    if (!wentBack) return { clockMs: Math.max(clockMs, floorMs), reanchored: undefined }
  }
  const clockMs = Math.max(wallMs(), floorMs)
  return { clockMs, reanchored: { origin: bootClock.origin, baseMs: clockMs - bootMs } }
}

function clockMismatch(): StoreError {
  const message =
    'This process counts its uptime from another origin than the processes that wrote this store in this boot, as some containers do. Run all of them in one container, or all outside.'
  return new StoreError('clock-mismatch', message)
}
