import type { PresenceEntry } from './presence-entry.ts'

/**
 * `active`: a beat within the window. `idle`: none in all of it. `unknown`: none seen, but nobody has watched for so long.
 */
export type IdleVerdict = 'active' | 'idle' | 'unknown'

export interface IdleReading {
  readonly verdict: IdleVerdict
  readonly windowMs: number
  /** How long ago the newest beat was that was ever seen; `null` when none was. */
  readonly newestBeatAgeMs: number | null
  /** Since the first look. */
  readonly watchedMs: number
}

/**
 * Remembers the newest beat that was ever seen, also when its file is gone by now. Beats are kept on the boot clock: a
 * step of the wall clock after a beat was seen moves no window.
 */
export class IdleWindow {
  #watchedSinceBootMs: number | null = null
  #newestBeatBootMs: number | null = null

  /** Takes in one look at the folder. Beats from the future say nothing. */
  note(entries: readonly PresenceEntry[], nowBootMs: number): void {
    this.#watchedSinceBootMs ??= nowBootMs
    for (const { ageMs } of entries) {
      if (ageMs < 0) continue
      this.#newestBeatBootMs = Math.max(this.#newestBeatBootMs ?? Number.NEGATIVE_INFINITY, nowBootMs - ageMs)
    }
  }

  read(windowMs: number, nowBootMs: number): IdleReading {
    const newest = this.#newestBeatBootMs
    const newestBeatAgeMs = newest === null ? null : nowBootMs - newest
    const watchedMs = nowBootMs - (this.#watchedSinceBootMs ?? nowBootMs)
    return { verdict: verdictOf(newestBeatAgeMs, watchedMs, windowMs), windowMs, newestBeatAgeMs, watchedMs }
  }
}

function verdictOf(newestBeatAgeMs: number | null, watchedMs: number, windowMs: number): IdleVerdict {
  if (newestBeatAgeMs !== null && newestBeatAgeMs <= windowMs) return 'active'
  return watchedMs > windowMs ? 'idle' : 'unknown'
}
