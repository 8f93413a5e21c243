import type { Command, LogEntry } from '@holdfast/core'
import { excludes, type OwnClaim, type OwnSettings } from './own-rules.ts'

/** One ownership as the model keeps it: what was granted, and until when others have to leave it alone. */
export interface Owned extends OwnClaim {
  readonly leaseId: string
  readonly holder: string
  readonly token: number
  readonly ttlMs: number
  readonly graceMs: number
  readonly pid: number | null
  readonly claimed: boolean
  exited: boolean
  untilMs: number
}

/**
 * The model's own reading of a log, from what its events say: who owns what, what drains, and whether each ending and each
 * grant was lawful. It knows which processes are dead, and so whether a death was one.
 */
export class OwnLedger {
  live: Owned[] = []
  drains: Owned[] = []
  settings: OwnSettings = { exclusiveLanes: [], budgets: new Map() }

  copy(): OwnLedger {
    const copy = new OwnLedger()
    copy.live = this.live.map(owned => ({ ...owned }))
    copy.drains = [...this.drains]
    copy.settings = this.settings
    return copy
  }

  /** Takes in an entry that answers `command`; throws when it broke a law. */
  take(entry: LogEntry, { command, dead }: { readonly command: Command; readonly dead: ReadonlySet<number> }): void {
    if (entry.type === 'UNRECOGNISED') throw new Error(`an unreadable entry: ${entry.detail}`)
    const nowMs = entry.recordedAt
    this.drains = this.drains.filter(({ untilMs }) => untilMs > nowMs)
    switch (entry.type) {
      case 'ACQUIRE': {
        const { lane, mode, kind, region, ttlMs, graceMs, leaseId, holder, process } = entry.data
        const untilMs = nowMs + ttlMs + graceMs
        const base = {
          lane,
          mode,
          kind,
          globs: region,
          ttlMs,
          graceMs,
          leaseId,
          holder,
          token: entry.revision,
          untilMs,
        }
        this.#grant({ ...base, pid: process?.pid ?? null, claimed: false, exited: false })
        return
      }
      case 'HEARTBEAT': {
        const owned = this.#at(entry.data.leaseId, entry.data.token)
        if (owned === undefined) return
        const spanMs = Math.max(owned.ttlMs, entry.data.activity?.grantedMs ?? 0)
        owned.untilMs = Math.max(owned.untilMs, nowMs + spanMs + owned.graceMs)
        owned.exited ||= entry.data.exit !== undefined
        return
      }
      case 'RELEASE':
        this.#remove(entry.data.leaseId, entry.data.token)
        this.drains = this.drains.filter(({ token }) => token !== entry.data.token)
        return
      case 'SCAVENGE': {
        const owned = this.#at(entry.data.leaseId, entry.data.token)
        if (owned === undefined) return
        const { cause, forced } = entry.data
        this.#end(owned, { nowMs, dead, ground: forced ? 'forced' : closes(command, owned) ? 'closed' : cause })
        return
      }
      case 'ADOPT': {
        const owned = this.#at(entry.data.leaseId, entry.data.previousToken)
        if (owned === undefined) return
        const { ground = 'forced', process, claim, newHolder: holder } = entry.data
        this.#end(owned, { nowMs, dead, ground })
        const untilMs = nowMs + owned.ttlMs + owned.graceMs
        const mine = {
          holder,
          token: entry.revision,
          pid: process?.pid ?? null,
          claimed: claim !== undefined,
          exited: false,
        }
        this.live.push({ ...owned, ...mine, untilMs })
        return
      }
      case 'CHECKPOINT': {
        const { exclusiveLanes, kinds } = entry.data.config
        this.settings = {
          exclusiveLanes,
          budgets: new Map(Object.entries(kinds).map(([kind, { budget }]) => [kind, budget])),
        }
        return
      }
      case 'HALT':
      case 'SPAWN':
      case 'REFUSE':
        return
    }
  }

  #grant(owned: Owned): void {
    for (const [what, others] of [
      ['live', this.live],
      ['draining', this.drains],
    ] as const) {
      const other = others.find(each => excludes(owned, each, this.settings))
      if (other !== undefined)
        throw new Error(`granted ${owned.leaseId} beside ${what} ${other.leaseId}@${other.token}`)
    }
    const budget = owned.kind === null ? undefined : this.settings.budgets.get(owned.kind)
    const used = [...this.live, ...this.drains].filter(({ kind }) => kind === owned.kind).length
    if (budget !== undefined && used >= budget)
      throw new Error(`granted ${owned.leaseId} beyond the budget of ${budget}`)
    this.live.push(owned)
  }

  #end(owned: Owned, how: { nowMs: number; dead: ReadonlySet<number>; ground: string }): void {
    const { nowMs, dead, ground } = how
    this.#remove(owned.leaseId, owned.token)
    if (ground === 'expired') {
      if (nowMs < owned.untilMs) throw new Error(`${owned.leaseId} ended as expired ${owned.untilMs - nowMs} ms early`)
      return
    }
    if (ground === 'process-dead') {
      if (owned.pid === null || !dead.has(owned.pid)) throw new Error(`${owned.leaseId} ended as dead, and is not`)
      return
    }
    if (ground === 'exited' && !owned.exited) throw new Error(`${owned.leaseId} ended by an exit that is none`)
    if (ground !== 'closed' && nowMs < owned.untilMs) this.drains.push(owned)
  }

  #at(leaseId: string, token: number | null): Owned | undefined {
    return this.live.find(owned => owned.leaseId === leaseId && owned.token === token)
  }

  #remove(leaseId: string, token: number | null): void {
    this.live = this.live.filter(owned => owned.leaseId !== leaseId || owned.token !== token)
  }
}

/** A reaper that holds a claim says itself that it is done. */
function closes(command: Command, { claimed, holder }: Owned): boolean {
  return claimed && command.type === 'scavenge' && command.holder === holder
}
