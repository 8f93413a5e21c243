import type { LogEntry } from '@holdfast/core'

interface Held {
  readonly lane: string
  readonly token: number
  untilMs: number
}

/**
 * Grants of whole lanes held against each other by the events alone, with no code of the fold: who was granted a lane, and
 * until when at least. Only for ledgers whose leases have no region and are never adopted.
 */
export class ExclusiveGrants {
  readonly #held = new Map<string, Held>()
  /** Lane by token of every grant. */
  readonly granted = new Map<number, string>()
  readonly doubles: string[] = []

  take(entry: LogEntry): void {
    switch (entry.type) {
      case 'ACQUIRE': {
        const { lane, ttlMs } = entry.data
        const token = Number(entry.revision)
        const before = this.#held.get(lane)
        if (before !== undefined && entry.recordedAt < before.untilMs) {
          this.doubles.push(`${lane}: granted at ${token} while ${before.token} was held`)
        }
        this.granted.set(token, lane)
        this.#held.set(lane, { lane, token, untilMs: entry.recordedAt + ttlMs })
        return
      }
      case 'HEARTBEAT': {
        const held = this.#held.get(entry.data.lane)
        if (held?.token !== Number(entry.data.token) || entry.recordedAt >= held.untilMs) return
        held.untilMs = Math.max(held.untilMs, entry.recordedAt + TTL_MS)
        return
      }
      case 'RELEASE':
      case 'SCAVENGE': {
        const held = this.#held.get(entry.data.lane)
        if (held?.token === Number(entry.data.token)) this.#held.delete(entry.data.lane)
        return
      }
      case 'ADOPT':
      case 'CHECKPOINT':
      case 'HALT':
      case 'SPAWN':
      case 'REFUSE':
      case 'UNRECOGNISED':
        return
    }
  }
}

/** What each lease of the torture asks for. */
export const TTL_MS = 2_000
