import * as z from 'zod'
import type { StateDigest } from './state-digest.ts'

/** How far a guessed time can be from the recorded one: no append is tried for longer. Seen on real servers: 143 ms. */
const GUESS_OFF_MAX_MS = 15_000

/** How far the stamps of one append can lie apart, with room. Seen on real servers: 2 ms. */
const SPREAD_MS = 50

/** Fields of the state that hold an instant, or a list of them. */
const INSTANT = /(?:^clock|At|Since|[uU]ntil)Ms$/

/**
 * Whether a CHECKPOINT states the fold but for guessed instants. A program of before wrote one together with the commands
 * before it, whose times only the server knew: it guessed the log's clock, and all that these commands set is off by what
 * the clock is off. So the clock bounds every other difference, none goes the other way, and a lease that is off by more
 * than the spread of stamps has its beat off as well, and that beat is of the CHECKPOINT's own append.
 */
export function differByAGuess(fold: StateDigest, stated: StateDigest, recordedAtMs: number): boolean {
  const clockOffMs = Number(fold.get('clockMs')) - Number(stated.get('clockMs'))
  if (!(clockOffMs >= -SPREAD_MS && clockOffMs <= GUESS_OFF_MAX_MS)) return false
  const bound = { leastMs: -SPREAD_MS, mostMs: Math.max(0, clockOffMs) + SPREAD_MS, recordedAtMs }
  return [...fold].every(([part, text]) => {
    const other = stated.get(part)
    return other === text || isAlike(part, jsonOf(text), jsonOf(other ?? 'null'), bound)
  })
}

type Json = z.infer<ReturnType<typeof z.json>>

interface Bound {
  readonly leastMs: number
  readonly mostMs: number
  readonly recordedAtMs: number
}

function jsonOf(text: string): Json {
  return z.json().parse(JSON.parse(text))
}

function isAlike(name: string, a: Json | undefined, b: Json | undefined, bound: Bound): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return a === b || (INSTANT.test(name) && a - b >= bound.leastMs && a - b <= bound.mostMs)
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isAlike(name, item, b[index], bound))
  }
  if (!isRecord(a) || !isRecord(b)) return a === b
  if (!isOfThisAppend(a, b, bound)) return false
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].every(key => isAlike(key, a[key], b[key], bound))
}

/** Of a lease: its deadlines follow its beat, so they are guessed only where the beat is. */
function isOfThisAppend(a: Record<string, Json>, b: Record<string, Json>, { recordedAtMs }: Bound): boolean {
  const beatMs = Number(a['lastBeatAtMs'])
  if (Number.isNaN(beatMs)) return true
  const beatOffMs = beatMs - Number(b['lastBeatAtMs'])
  return ['safeUntilMs', 'expiresAtMs'].every(name => {
    const offMs = Number(a[name]) - Number(b[name])
    if (Math.abs(offMs) <= SPREAD_MS) return true
    return Math.abs(offMs - beatOffMs) <= SPREAD_MS && beatMs >= recordedAtMs - SPREAD_MS
  })
}

function isRecord(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
