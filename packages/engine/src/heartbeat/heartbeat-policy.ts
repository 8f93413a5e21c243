import { DurationMs } from '@holdfast/core'
import { checkObject } from '../check-given.ts'
import { formatDuration, parseDuration, type DurationInput } from '../duration.ts'
import { InputError } from '../input-error.ts'

/** Shortest pause between two beats. */
export const BEAT_INTERVAL_MIN_MS = 1000

/** Longest pause between two beats. */
export const BEAT_INTERVAL_MAX_MS = 300_000

/** Pause between two beats when none is asked for. */
export const BEAT_INTERVAL_DEFAULT_MS = 10_000

/** Beats that must fit into a TTL, so that one of them may fail. */
export const BEATS_PER_TTL_MIN = 2

/** What was asked for and what it became. */
export interface Clamped {
  readonly requestedMs: DurationMs
  readonly limitMs: DurationMs
  readonly limit: 'min' | 'max'
  /** One sentence for people. */
  readonly message: string
}

/** How often to beat. Made by `heartbeatPolicy`. */
export interface HeartbeatPolicy {
  readonly intervalMs: DurationMs
  /** `null` when the interval is the one that was asked for. */
  readonly clamped: Clamped | null
}

/**
 * Makes a policy. An interval outside 1 s … 5 min becomes the nearest limit, and `clamped` says so.
 *
 * @throws InputError when the interval is no duration, or (after clamping) too long for the `ttl` that it must keep alive.
 */
export function heartbeatPolicy(
  options: { readonly interval?: DurationInput | undefined; readonly ttl?: DurationInput | undefined } = {},
): HeartbeatPolicy {
  checkObject(options, 'options')
  const requestedMs = parseDuration(options.interval ?? BEAT_INTERVAL_DEFAULT_MS, 'interval')
  const intervalMs = DurationMs.parse(Math.min(Math.max(requestedMs, BEAT_INTERVAL_MIN_MS), BEAT_INTERVAL_MAX_MS))
  if (options.ttl !== undefined) demandBeatsPerTtl(intervalMs, parseDuration(options.ttl, 'ttl'))
  return { intervalMs, clamped: intervalMs === requestedMs ? null : clampedTo(requestedMs, intervalMs) }
}

/** @throws InputError when fewer than `BEATS_PER_TTL_MIN` beats fit into the TTL. */
export function demandBeatsPerTtl(intervalMs: number, ttlMs: number): void {
  if (intervalMs * BEATS_PER_TTL_MIN <= ttlMs) return
  const message = `${formatDuration(intervalMs)} is too long for a TTL of ${formatDuration(ttlMs)}: at most half of it`
  throw new InputError([{ path: 'interval', message }])
}

function clampedTo(requestedMs: DurationMs, limitMs: DurationMs): Clamped {
  const limit = requestedMs < limitMs ? 'min' : 'max'
  const word = limit === 'min' ? 'shortest' : 'longest'
  const message = `interval ${formatDuration(requestedMs)} became ${formatDuration(limitMs)}, the ${word} allowed`
  return { requestedMs, limitMs, limit, message }
}
