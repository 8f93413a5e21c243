const MINUTE_MS = 60_000

/** Minutes are `min`: in `1h 30m` and `1h 30s` one letter would make the difference, and be read over. */
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', MINUTE_MS],
  ['s', 1000],
] as const

/** A span in its two largest units: `1min 30s`, `2d 4h`, `250ms`. */
export function span(spanMs: number): string {
  if (spanMs < 1000) return `${Math.round(spanMs)}ms`
  let leftMs = Math.round(spanMs / 1000) * 1000
  const parts: string[] = []
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(leftMs / unitMs)
    leftMs -= count * unitMs
    if (count > 0) parts.push(`${count}${unit}`)
    if (parts.length === 2) break
  }
  return parts.join(' ')
}

/** How far an instant is: `in 30s`, `2min 5s ago`. */
export function distance(atMs: number, nowMs: number): string {
  if (Math.abs(atMs - nowMs) < 1) return 'now'
  return atMs > nowMs ? `in ${span(atMs - nowMs)}` : `${span(nowMs - atMs)} ago`
}

let isLocal = false

/** Lets instants be told in the zone of this machine from now on; without it in UTC. For whoever owns the terminal. */
export function useLocalTime(local: boolean): void {
  isLocal = local
}

/** An instant for people, to the second, with its zone: `2026-05-01 10:00:30Z`, `2026-05-01 12:00:30+02:00`. */
export function clock(atMs: number): string {
  const date = new Date(atMs)
  if (Number.isNaN(date.getTime())) return 'for ever'
  const eastMin = isLocal ? -Math.round(date.getTimezoneOffset()) : 0
  const shown = new Date(atMs + eastMin * MINUTE_MS)
  if (Number.isNaN(shown.getTime())) return 'for ever'
  return `${shown.toISOString().slice(0, 19).replace('T', ' ')}${zone(eastMin)}`
}

function zone(eastMin: number): string {
  if (eastMin === 0) return 'Z'
  const [hours, minutes] = [Math.floor(Math.abs(eastMin) / 60), Math.abs(eastMin) % 60]
  return `${eastMin < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(minutes)}`
}

function twoDigits(count: number): string {
  return String(count).padStart(2, '0')
}

/** Both: `in 30s (2026-05-01 10:00:30Z)`. */
export function instant(atMs: number, nowMs: number): string {
  return `${distance(atMs, nowMs)} (${clock(atMs)})`
}

/** An instant that something lasts until: `2026-05-01 10:00:30Z (in 30s)`. */
export function endAt(atMs: number, nowMs: number): string {
  return `${clock(atMs)} (${distance(atMs, nowMs)})`
}

/** When a lease expires, or since when it is expired: `expires in 30s (…)`, `expired 9s ago (…)`. */
export function expiry(atMs: number, nowMs: number): string {
  return `${atMs > nowMs ? 'expires' : 'expired'} ${instant(atMs, nowMs)}`
}
