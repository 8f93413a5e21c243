import { bootOrigin, type BootOrigin } from './boot-origin.ts'
import { uptimeMs } from './uptime.ts'

export type { BootOrigin } from './boot-origin.ts'

/**
 * Time since boot, suspend included, in steps of 10 ms: no step of the wall clock moves it. (`performance.now` stops
 * while the machine sleeps, and a lease does not.)
 */
export interface BootClock {
  readonly origin: BootOrigin
  /** Milliseconds since the origin; never goes back within one origin. */
  nowMs(): number
}

/** Step of the boot clock: a span between two readings can be this much shorter than it looks. */
export const BOOT_STEP_MS = 10

/** Two origins closer than this are one: where an uptime is not the kernel's, its origin is measured. */
export const ORIGIN_TOLERANCE_MS = 2000

/** The boot clock of this machine. */
export function systemBootClock(): BootClock {
  return { origin: systemOrigin(), nowMs: uptimeMs }
}

/** Whether readings under both origins may be compared. */
export function sameOrigin(a: BootOrigin, b: BootOrigin): boolean {
  return (
    a.bootId === b.bootId &&
    a.timeNamespace === b.timeNamespace &&
    Math.abs(a.originMs - b.originMs) <= ORIGIN_TOLERANCE_MS
  )
}

let known: BootOrigin | undefined

function systemOrigin(): BootOrigin {
  known ??= bootOrigin()
  return known
}
