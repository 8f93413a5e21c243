import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { uptime } from 'node:os'

/** What a reading of the boot clock counts from. Readings of different origins cannot be compared. */
export interface BootOrigin {
  /** Identifies the boot of the kernel; empty where the platform does not tell. */
  readonly bootId: string
  /** Time namespace, which shifts the clock; empty where there is none. */
  readonly timeNamespace: string
  /** Where the clock's zero lies after the kernel's boot: 0, or another in containers with an uptime of their own. */
  readonly originMs: number
}

/** Ticks a second in which Linux reports the start of a process. */
const USER_HZ = 100

/** How often an uptime that is not the kernel's is measured, until no pause of this process has come between. */
const MEASURES_MAX = 5

/** A measure that took no longer than this is good enough. */
const MEASURE_MS = 200

/** What the origin is found out from. */
export interface OriginFacts {
  /** Text of a file, and where a link leads; empty where the platform has none. */
  readonly text: (path: string) => string
  readonly link: (path: string) => string
  /** The device that a file is on; `null` where there is no such file. */
  readonly device: (path: string) => number | null
  readonly uptimeMs: () => number
  /** `/proc/self/stat` of a process that is started by this call; empty where none can be. */
  readonly statOfNew: () => string
}

/**
 * Node reads `/proc/uptime`, which container runtimes can replace by an uptime of the container. Nothing is measured where
 * it is the kernel's own, so neither a process that was another program before (`sh -c 'npm test; exec holdfast …'`) nor
 * one that a busy machine starts slowly can be taken for one of another origin.
 */
export function bootOrigin(facts: OriginFacts = SYSTEM): BootOrigin {
  const isKernels = facts.device('/proc/uptime') === facts.device('/proc/self/stat')
  return {
    bootId: facts.text('/proc/sys/kernel/random/boot_id'),
    timeNamespace: facts.link('/proc/self/ns/time'),
    // A namespace's number is given again when it has ended, its offset need not be the same: so both are recorded.
    originMs: (isKernels ? 0 : replacedOriginMs(facts)) - namespaceOffsetMs(facts.text('/proc/self/timens_offsets')),
  }
}

/**
 * Where an uptime begins that is not the kernel's: the start of a process is told since the real boot, so one that starts
 * between two readings of the uptime says what time it was. The start of this process would not do: the kernel keeps it
 * across `exec`, and nobody knows how long ago that was.
 */
function replacedOriginMs({ uptimeMs, statOfNew, text }: OriginFacts): number {
  let best = { originMs: startedMs(text('/proc/self/stat')) - uptimeMs(), tookMs: Number.POSITIVE_INFINITY }
  for (let measures = 0; measures < MEASURES_MAX && best.tookMs > MEASURE_MS; measures += 1) {
    const beforeMs = uptimeMs()
    const started = startedMs(statOfNew())
    const tookMs = uptimeMs() - beforeMs
    if (Number.isNaN(started)) break
    if (tookMs < best.tookMs) best = { originMs: started - (beforeMs + tookMs / 2), tookMs }
  }
  return Number.isNaN(best.originMs) ? 0 : Math.round(best.originMs)
}

/** When a process was started, in milliseconds since the boot. */
function startedMs(stat: string): number {
  // The second field is a name, which may hold blanks and parentheses.
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return ticks === undefined ? Number.NaN : (Number(ticks) / USER_HZ) * 1000
}

/** By how much the time namespace moves the clock: `boottime SECONDS NANOSECONDS`. */
function namespaceOffsetMs(offsets: string): number {
  const [, seconds, nanoseconds] = /^boottime\s+(-?\d+)\s+(\d+)$/m.exec(offsets) ?? []
  return Number(seconds ?? 0) * 1000 + Math.round(Number(nanoseconds ?? 0) / 1e6)
}

const SYSTEM: OriginFacts = {
  text: path => orElse('', () => readFileSync(path, 'utf8').trim()),
  link: path => orElse('', () => readlinkSync(path)),
  device: path => orElse(null, () => statSync(path).dev),
  uptimeMs: () => uptime() * 1000,
  // Loaded here alone: nearly nobody needs it.
  statOfNew: () =>
    orElse('', () =>
      process.getBuiltinModule('node:child_process').execFileSync('cat', ['/proc/self/stat'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 5000,
      }),
    ),
}

function orElse<T>(fallback: T, read: () => T): T {
  try {
    return read()
  } catch {
    return fallback
  }
}
