import type { EpochMs, Lease, LeaseId, LedgerState, Token } from '@holdfast/core'
import { isExpired } from '@holdfast/core'
import { isHolders, isSameLane } from '@holdfast/core/internal'
import { pendingHalts, type HaltView } from '@holdfast/projections'

/** Ended leases that a session remembers, so that a release may come again. */
const ENDED_MAX = 1_000

/** A beat moves a deadline; a call sooner than this part of the TTL after the last one moves it hardly. */
const BEAT_PART = 20

/** A lease as the session got it. */
export interface Granted {
  readonly lane: string
  readonly leaseId: LeaseId
  readonly token: Token
}

/** A lease of the environment: whoever started this server holds it and beats it. */
export interface Inherited {
  readonly lane: string
  readonly token: number
}

/**
 * What one session of an agent holds. The name of a holder proves nothing: two agents may be started with the same one. So a
 * session counts as its own only the leases that it was granted itself, and its request ids mean nothing to others.
 */
export class Session {
  /** Stands before each request id. */
  readonly requestPrefix: string
  readonly #inherited: Inherited | null
  readonly #held = new Map<LeaseId, Granted>()
  readonly #released = new Set<string>()
  readonly #haltsTold = new Set<number>()
  #news: string[] = []

  constructor(requestPrefix: string, inherited: Inherited | null = null) {
    this.requestPrefix = requestPrefix
    this.#inherited = inherited
  }

  /** The leases that it was granted and has not seen end, as they are now. */
  held(state: LedgerState): readonly Lease[] {
    return [...this.#held.values()].flatMap(({ leaseId, token }) => {
      const lease = state.leases.get(leaseId)
      return lease?.token === token ? [lease] : []
    })
  }

  /** Those that a beat would keep, where the last one is long enough ago. */
  toBeat(state: LedgerState, nowMs: number): readonly Lease[] {
    return this.held(state).filter(({ lastBeatAtMs, ttlMs }) => nowMs - lastBeatAtMs >= ttlMs / BEAT_PART)
  }

  /** Whether a lease belongs to this session, and not only to somebody of its name. */
  owns({ leaseId, token, lane }: Granted, state: LedgerState): boolean {
    if (this.#held.get(leaseId)?.token === token) return true
    const own = this.#inherited
    return own !== null && own.token === token && isSameLane(own.lane, lane, state.config)
  }

  named(leaseId: string): Granted | undefined {
    return [...this.#held.values()].find(held => held.leaseId === leaseId)
  }

  took({ lane, leaseId, token }: Granted): void {
    this.#held.set(leaseId, { lane, leaseId, token })
    this.#released.delete(leaseId)
  }

  gaveUp(leaseId: LeaseId): void {
    this.#held.delete(leaseId)
    this.#released.add(leaseId)
    const [oldest] = this.#released
    if (this.#released.size > ENDED_MAX && oldest !== undefined) this.#released.delete(oldest)
  }

  hasReleased(leaseId: string): boolean {
    return this.#released.has(leaseId)
  }

  /** Notes what became of its leases without it, each once. */
  look(state: LedgerState, nowMs: EpochMs): void {
    for (const granted of this.#held.values()) {
      const lease = state.leases.get(granted.leaseId)
      if (lease?.token === granted.token) continue
      this.#held.delete(granted.leaseId)
      const by = lease === undefined ? 'it expired, or was ended by somebody else' : `${lease.holder} has taken it over`
      this.#news.push(
        `LOST ${granted.leaseId}: ${by}. Stop writing there at once; look at what changed before you claim it again.`,
      )
    }
    for (const halt of this.halts(state, nowMs)) {
      if (this.#haltsTold.has(halt.revision)) continue
      this.#haltsTold.add(halt.revision)
      const reason = halt.reason === '' ? '' : `: ${halt.reason}`
      this.#news.push(
        `STOP ${halt.leaseId ?? ''}${reason}. Somebody asks you to stop: end your work there, then release it.`,
      )
    }
  }

  /** Requests to stop that its leases have still to obey. */
  halts(state: LedgerState, nowMs: EpochMs): readonly HaltView[] {
    return pendingHalts(state, nowMs).filter(
      ({ leaseId, token }) => leaseId !== null && token !== null && this.#held.get(leaseId)?.token === token,
    )
  }

  /** What has happened and was not told yet. */
  news(): readonly string[] {
    const news = this.#news
    this.#news = []
    return news
  }
}

/** Whether the session may act on a lease of its own now. */
export function mayAct(lease: Lease, nowMs: EpochMs): boolean {
  return !isExpired(lease, nowMs) && isHolders(lease, nowMs)
}
