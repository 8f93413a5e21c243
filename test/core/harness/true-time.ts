import type { Command, Configuration, Covering, Lease, LogEntry, RecordedEvent, Token } from '@holdfast/core'
import { conflictBetween, tokenAt } from '@holdfast/core/internal'

interface Owned {
  readonly leaseId: string
  readonly covering: Covering
  readonly ttlMs: number
  readonly graceMs: number
  readonly sinceMs: number
  children: number
  /** When the last of its spans is over, by the true time. */
  untilMs: number
  beatMs: number
  exitMs: number | null
  claimed: boolean
}

/** An entry, when it was appended by the true time, and the command that asked for it. */
export interface Appended {
  readonly entry: LogEntry
  readonly trueMs: number
  readonly command: Command
  readonly config: Configuration
}

/**
 * What holds by the one true time, which no process and no store knows: until when a holder may believe. It says so of
 * each ending and each grant, and throws for one that came too early.
 */
export class TrueTime {
  readonly #owned = new Map<Token, Owned>()
  readonly #live = new Map<string, Token>()
  readonly #drains = new Map<Token, Owned>()

  /** Tokens from which somebody was forced who may still believe, with what they cover. */
  believed(trueMs: number): ReadonlyMap<Token, Covering> {
    const still = [...this.#drains].filter(([, { untilMs }]) => untilMs > trueMs)
    return new Map(still.map(([token, { covering }]) => [token, covering]))
  }

  append(appended: Appended): void {
    const { entry } = appended
    switch (entry.type) {
      case 'ACQUIRE':
        this.#acquire(entry, appended)
        return
      case 'HEARTBEAT':
        this.#beat(entry, appended.trueMs)
        return
      case 'ADOPT':
        this.#adopt(entry, appended)
        return
      case 'SCAVENGE':
        this.#scavenge(entry, appended)
        return
      case 'RELEASE':
        if (entry.data.token === null) return
        if (this.#live.get(entry.data.leaseId) === entry.data.token) this.#live.delete(entry.data.leaseId)
        this.#drains.delete(entry.data.token)
        return
      case 'HALT':
      case 'SPAWN':
      case 'REFUSE':
      case 'CHECKPOINT':
      case 'UNRECOGNISED':
        return
    }
  }

  #acquire({ data, revision }: RecordedEvent<'ACQUIRE'>, { trueMs, config }: Appended): void {
    const { leaseId, lane, mode, region, kind, workTree, ttlMs, graceMs } = data
    const covering: Covering = { lane, mode, region, kind, workTree }
    for (const [token, drained] of this.believed(trueMs)) {
      if (conflictBetween(covering, drained, config) !== null) {
        throw new Error(`${leaseId} was granted at ${trueMs} over ${token}, in which somebody may still believe`)
      }
    }
    this.#owned.set(tokenAt(revision), {
      leaseId,
      covering,
      ttlMs,
      graceMs,
      sinceMs: trueMs,
      children: data.children?.length ?? 0,
      untilMs: trueMs + ttlMs + graceMs,
      beatMs: trueMs,
      exitMs: null,
      claimed: false,
    })
    this.#live.set(leaseId, tokenAt(revision))
  }

  #beat({ data }: RecordedEvent<'HEARTBEAT'>, trueMs: number): void {
    const owned = this.#liveAt(data.leaseId, data.token)
    if (owned === null) return
    const grantedMs = Math.max(owned.ttlMs, data.activity?.grantedMs ?? 0)
    owned.untilMs = Math.max(owned.untilMs, trueMs + grantedMs + owned.graceMs)
    owned.beatMs = trueMs
    owned.children = data.children?.length ?? owned.children
    if (data.exit !== undefined) owned.exitMs ??= trueMs
  }

  #adopt({ data, revision }: RecordedEvent<'ADOPT'>, { trueMs, command, config }: Appended): void {
    const owned = this.#liveAt(data.leaseId, data.previousToken)
    if (owned === null || data.previousToken === null) return
    const ageing = command.type === 'adopt' && !command.force && data.ground === 'forced'
    this.#judge(ageing ? 'age-ceiling' : (data.ground ?? 'forced'), owned, { data, trueMs, config })
    if (data.ground === 'exited' || data.ground === 'forced') this.#drains.set(data.previousToken, owned)
    const untilMs = trueMs + owned.ttlMs + owned.graceMs
    const claimed = data.claim !== undefined
    const fresh = { ...owned, sinceMs: trueMs, untilMs, beatMs: trueMs, exitMs: null, claimed }
    this.#owned.set(tokenAt(revision), fresh)
    this.#live.set(data.leaseId, tokenAt(revision))
  }

  #scavenge({ data }: RecordedEvent<'SCAVENGE'>, { trueMs, command, config }: Appended): void {
    const owned = this.#liveAt(data.leaseId, data.token)
    if (owned === null || data.token === null) return
    this.#live.delete(data.leaseId)
    // Whoever claimed it and closes it knows of itself that it stops.
    if (owned.claimed && !data.forced) return
    const byOperator = command.type === 'scavenge' && command.force
    this.#judge(byOperator ? 'forced' : data.cause, owned, { data, trueMs, config })
    if (data.forced || data.cause === 'exited') this.#drains.set(data.token, owned)
  }

  #judge(
    ground: string,
    owned: Owned,
    at: {
      readonly data: Pick<RecordedEvent<'SCAVENGE'>['data'], 'evidence'> | RecordedEvent<'ADOPT'>['data']
      readonly trueMs: number
      readonly config: Configuration
    },
  ): void {
    const { data, trueMs, config } = at
    const early = (what: string): Error =>
      new Error(`${owned.leaseId} was ended at ${trueMs} as ${what}, too early: ${JSON.stringify(owned)}`)
    const known = data.evidence?.children ?? []
    const childrenDead = known.length === owned.children && known.every(status => status === 'dead')
    // An eviction by a request says nothing of children in its evidence; it may have probed them.
    const orphansMs = owned.children === 0 || childrenDead || known.length === 0 ? 0 : config.orphanGraceMs
    if (ground === 'expired' && trueMs < owned.untilMs + orphansMs) throw early(ground)
    if (ground === 'process-dead' && trueMs <= owned.beatMs + owned.graceMs) throw early(ground)
    if (ground === 'exited' && trueMs <= (owned.exitMs ?? trueMs) + config.finalisationGraceMs) throw early(ground)
    if (ground === 'age-ceiling' && trueMs <= owned.sinceMs + config.ageCeilingMs) throw early(ground)
  }

  #liveAt(leaseId: Lease['leaseId'], token: Token | null): Owned | null {
    if (token === null || this.#live.get(leaseId) !== token) return null
    return this.#owned.get(token) ?? null
  }
}
