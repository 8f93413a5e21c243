import { spanText } from '@holdfast/core/internal'
import { checkOptions, checkText } from '../check-given.ts'
import { parseDuration, type DurationInput } from '../duration.ts'
import type { BeatFiles } from './beat-files.ts'
import { BEAT_BYTES_MAX, parseBeat, type BeatFault, type BeatRecord } from './beat-format.ts'
import { systemFiles } from './system-files.ts'

/** Oldest beat that still counts as a sign of life, unless the reader says otherwise. */
export const ALIVE_AGE_MAX_MS = 30_000

/** `missing`: no such file. `unusable`: no plain file, too large, or refused by the system. Others: its text. */
export type BeatUnread = 'missing' | 'unusable' | BeatFault

export type BeatReading =
  | { readonly outcome: 'read'; readonly beat: BeatRecord }
  | { readonly outcome: 'unread'; readonly reason: BeatUnread; readonly detail: string }

/** Reads a heartbeat file in our own format or another known one. Total: what cannot be read is an answer. */
export async function readBeat(
  path: string,
  options: { readonly files?: BeatFiles | undefined } = {},
): Promise<BeatReading> {
  checkText(path, 'path')
  checkOptions(options, { files: 'object' })
  const { files = systemFiles } = options
  const reading = await files.read(path, BEAT_BYTES_MAX)
  switch (reading.found) {
    case 'missing':
      return { outcome: 'unread', reason: 'missing', detail: `there is no file ${path}` }
    case 'unusable':
      return { outcome: 'unread', reason: 'unusable', detail: reading.detail }
    case 'file': {
      const parsed = parseBeat(reading.text)
      if (parsed.ok) return { outcome: 'read', beat: parsed.beat }
      return { outcome: 'unread', reason: parsed.reason, detail: parsed.detail }
    }
  }
}

export type AliveBasis = 'recent' | 'old' | 'in-future' | BeatUnread

/** `reason` is a sentence; `ageMs` is below 0 for a beat from the future and `null` when none was read. */
export interface Alive {
  readonly alive: boolean
  readonly basis: AliveBasis
  readonly reason: string
  readonly ageMs: number | null
  readonly beat: BeatRecord | null
}

export interface AliveOptions {
  /** Default 30 s. */
  readonly maxAge?: DurationInput | undefined
  readonly files?: BeatFiles | undefined
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly wallMs?: (() => number) | undefined
}

/**
 * Whether a heartbeat file shows a recent beat. A beat from the future is not alive: its age cannot be known. It looks at
 * the file alone, not at the process: who beats by one-shot commands is no running process. Ages compare this host's
 * wall clock with the writer's.
 *
 * @throws InputError for a `maxAge` that is no duration.
 */
export async function isAlive(path: string, options: AliveOptions = {}): Promise<Alive> {
  checkOptions(options, { wallMs: 'function' })
  const maxAgeMs = parseDuration(options.maxAge ?? ALIVE_AGE_MAX_MS, 'maxAge')
  const reading = await readBeat(path, options)
  if (reading.outcome === 'unread') {
    return { alive: false, basis: reading.reason, reason: reading.detail, ageMs: null, beat: null }
  }
  const { beat } = reading
  // The clock is read after the file, or a beat written in between would lie in the future.
  const ageMs = Math.floor((options.wallMs ?? Date.now)()) - beat.atMs
  const answer = (alive: boolean, basis: AliveBasis, reason: string): Alive => ({ alive, basis, reason, ageMs, beat })
  if (ageMs < 0) return answer(false, 'in-future', `its beat lies ${spanText(-ageMs)} in the future`)
  if (ageMs > maxAgeMs) return answer(false, 'old', `it beat ${spanText(ageMs)} ago, more than ${spanText(maxAgeMs)}`)
  return answer(true, 'recent', `it beat ${spanText(ageMs)} ago`)
}
