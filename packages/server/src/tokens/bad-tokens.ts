/** Bad tokens that one peer may show within the span before it is slowed down. */
export const BAD_TOKENS_MAX = 100
const SPAN_MS = 60_000

/** Peers that are remembered; beyond that the one is forgotten that was heard of first. */
const PEERS_MAX = 1_024

/**
 * Counts the bad tokens of each peer. A good token is never held up: behind one address there may be others, and nobody
 * guesses 256 bits. What is saved is work and log.
 */
export class BadTokens {
  readonly #peers = new Map<string, { count: number; sinceMs: number }>()

  /** Notes one, and answers for how long this peer is to wait with the next: 0 as long as there are few. */
  note(peer: string, nowMs: number): number {
    const known = this.#peers.get(peer)
    const isFresh = known === undefined || nowMs - known.sinceMs >= SPAN_MS || nowMs < known.sinceMs
    const entry = isFresh ? { count: 0, sinceMs: nowMs } : known
    entry.count += 1
    if (isFresh) {
      this.#peers.delete(peer)
      this.#peers.set(peer, entry)
    }
    for (const oldest of this.#peers.keys()) {
      if (this.#peers.size <= PEERS_MAX) break
      this.#peers.delete(oldest)
    }
    return entry.count <= BAD_TOKENS_MAX ? 0 : entry.sinceMs + SPAN_MS - nowMs
  }

  get size(): number {
    return this.#peers.size
  }
}
