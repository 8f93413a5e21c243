import { readFileSync, readlinkSync } from 'node:fs'
import { uptime } from 'node:os'

/** What a reading of the boot clock counts from. Readings of different origins cannot be compared. */
export interface BootOrigin {
  /** Identifies the boot of the kernel; empty where the platform does not tell. */
  readonly bootId: string
  /** Time namespace, which shifts the clock; empty where there is none. */
  readonly timeNamespace: string
  /** Where the clock's zero lies after the kernel's boot: 0, or more in containers with an uptime of their own. */
  readonly originMs: number
}

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

/** Ticks a second in which Linux reports the start of a process. */
const USER_HZ = 100

/** Two origins closer than this are one: a process start and an uptime are read some time apart. */
export const ORIGIN_TOLERANCE_MS = 2000

/** The boot clock of this machine. */
export function systemBootClock(): BootClock {
  return { origin: systemOrigin(), nowMs: () => Math.round(uptime() * 1000) }
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
  known ??= {
    bootId: readOr('/proc/sys/kernel/random/boot_id', ''),
    timeNamespace: linkOr('/proc/self/ns/time', ''),
    originMs: originMs(),
  }
  return known
}

/**
 * The kernel gives each process its start since the real boot, while container runtimes can replace the uptime by one
 * of their own. The difference between the two ways to say "now" is where the uptime begins.
 */
function originMs(): number {
  const stat = readOr('/proc/self/stat', '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const startTicks = Number(fields[19])
  if (stat === '' || !Number.isFinite(startTicks)) return 0
  const sinceBootMs = (startTicks / USER_HZ) * 1000 + process.uptime() * 1000
  const differenceMs = Math.round(sinceBootMs - uptime() * 1000)
  // An uptime never begins before the boot. Less than nothing is time that this process spent before it became Node:
  // the kernel keeps its start across `exec`, as in `sh -c 'npm test; exec holdfast leases'`.
  return differenceMs <= ORIGIN_TOLERANCE_MS ? 0 : differenceMs
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return fallback
  }
}

function linkOr(path: string, fallback: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return fallback
  }
}
