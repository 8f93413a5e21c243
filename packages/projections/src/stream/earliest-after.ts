/** The earliest of `instantsMs` that lies after `nowMs`; `null` when none does. */
export function earliestAfter(nowMs: number, instantsMs: Iterable<number>): number | null {
  let earliest: number | null = null
  for (const atMs of instantsMs) {
    if (atMs > nowMs && (earliest === null || atMs < earliest)) earliest = atMs
  }
  return earliest
}
