/** Spans that are kept of one kind, the newest: percentiles are of these. */
const KEPT_MAX = 4096

/** How long things took. */
export class Spans {
  readonly #kept: number[] = []
  #place = 0
  longestMs = 0

  add(spanMs: number): void {
    this.#kept[this.#place % KEPT_MAX] = spanMs
    this.#place += 1
    this.longestMs = Math.max(this.longestMs, spanMs)
  }

  get count(): number {
    return this.#place
  }

  /** The shortest span that so many of a hundred did not exceed (nearest rank); `null`: there is none. */
  percentile(percent: number): number | null {
    const sorted = [...this.#kept].sort((a, b) => a - b)
    return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null
  }
}
