const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** A span of time in words: the two largest units. */
export function spanText(ms: number): string {
  const abs = Math.abs(ms)
  if (abs < SECOND_MS) return `${Math.round(abs)} ms`
  if (abs < MINUTE_MS) return `${Math.floor(abs / SECOND_MS)} s`
  if (abs < HOUR_MS) return two(abs, MINUTE_MS, 'min', SECOND_MS, 's')
  if (abs < DAY_MS) return two(abs, HOUR_MS, 'h', MINUTE_MS, 'min')
  return two(abs, DAY_MS, 'd', HOUR_MS, 'h')
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const whole = Math.floor(ms / large)
  const rest = Math.floor((ms - whole * large) / small)
  return rest === 0 ? `${whole} ${largeName}` : `${whole} ${largeName} ${rest} ${smallName}`
}

/** An instant seen from another: `3 s ago`, `in 2 min`. */
export function whenText(atMs: number, nowMs: number): string {
  const away = atMs - nowMs
  if (Math.abs(away) < SECOND_MS) return 'now'
  return away < 0 ? `${spanText(away)} ago` : `in ${spanText(away)}`
}

const two2 = (value: number): string => String(value).padStart(2, '0')

/** The time of day, on the clock of whoever looks; with the day where it is another one. */
export function clockText(atMs: number, nowMs: number): string {
  const at = new Date(atMs)
  const time = `${two2(at.getHours())}:${two2(at.getMinutes())}:${two2(at.getSeconds())}`
  return at.toDateString() === new Date(nowMs).toDateString() ? time : `${dayText(atMs)} ${time}`
}

export function dayText(atMs: number): string {
  const at = new Date(atMs)
  return `${at.getFullYear()}-${two2(at.getMonth() + 1)}-${two2(at.getDate())}`
}
