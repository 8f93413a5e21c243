import * as z from 'zod'

/**
 * How far a guessed time can be from the recorded one: no append is tried for longer. Seen on real servers: 143 ms.
 */
export const GUESS_OFF_MAX_MS = 15_000

/** Fields of the state that hold an instant, or a list of them. */
const INSTANT = /(?:^clock|At|Since|[uU]ntil)Ms$/

/**
 * Whether two digests of one part of the state differ in nothing but instants, each by no more than a guess can be off.
 * A program of before wrote such a CHECKPOINT when it decided it together with the commands before it, whose times only
 * the server knew.
 */
export function differOnlyInTimes(part: string, a: string, b: string): boolean {
  return isAlike(part, z.json().parse(JSON.parse(a)), z.json().parse(JSON.parse(b)))
}

type Json = z.infer<ReturnType<typeof z.json>>

function isAlike(name: string, a: Json | undefined, b: Json | undefined): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return a === b || (INSTANT.test(name) && Math.abs(a - b) <= GUESS_OFF_MAX_MS)
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isAlike(name, item, b[index]))
  }
  if (!isRecord(a) || !isRecord(b)) return a === b
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].every(key => isAlike(key, a[key], b[key]))
}

function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
