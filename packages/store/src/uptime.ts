import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { uptime } from 'node:os'

const UPTIME_FILE = '/proc/uptime'

/** Where every file is the kernel's own. */
const KERNELS_FILE = '/proc/self/stat'

const text = Buffer.alloc(64)
const POINT = 0x2e
const ZERO = 0x30

/** `null`: there is none to keep open. */
let file: number | null | undefined

/**
 * What `os.uptime` tells, in milliseconds. Each of its calls opens and closes the kernel's file, which costs more than reading
 * it, so the file is kept open. One that a container runtime put in its place is left to `os.uptime`.
 */
export function uptimeMs(): number {
  file ??= openKernels()
  const readMs = file === null ? Number.NaN : readUptimeMs(file)
  return Number.isNaN(readMs) ? Math.round(uptime() * 1000) : readMs
}

function openKernels(): number | null {
  let opened: number | undefined
  try {
    opened = openSync(UPTIME_FILE, 'r')
    if (fstatSync(opened).dev === statSync(KERNELS_FILE).dev) return opened
  } catch {
    // A system without it.
  }
  if (opened !== undefined) closeSync(opened)
  return null
}

function readUptimeMs(descriptor: number): number {
  try {
    return parseUptimeMs(text.subarray(0, readSync(descriptor, text, 0, text.length, 0)))
  } catch {
    return Number.NaN
  }
}

/** Reads `SECONDS.CC IDLE`, where CC are hundredths; not a number for anything else. */
export function parseUptimeMs(line: Uint8Array): number {
  const point = line.indexOf(POINT)
  if (point < 1) return Number.NaN
  let hundredths = 0
  for (let at = 0; at < point + 3; at += 1) {
    if (at === point) continue
    const digit = (line[at] ?? 0) - ZERO
    if (digit < 0 || digit > 9) return Number.NaN
    hundredths = hundredths * 10 + digit
  }
  return line[point + 3] === 0x20 ? hundredths * 10 : Number.NaN
}
