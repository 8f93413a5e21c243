import type { EpochMs, HaltEntry, Lease, LedgerState, Ticket } from '@holdfast/core'
import { conflictBetween, leaseIdOf } from '@holdfast/core/internal'
import { sessionLeases } from './own-leases.ts'
import type { KnownLease, SessionRecord } from './session-record.ts'

/** Something that a session has to hear, once. */
export type News =
  /** It held a lease, and holds it no more; `by`: who holds it, or what covers the same lane, now. */
  | { readonly kind: 'lost'; readonly lease: KnownLease; readonly by: Pick<Lease, 'holder' | 'expiresAtMs'> | null }
  /** Somebody has given it a lease that was another's. */
  | { readonly kind: 'given'; readonly lease: Lease }
  | { readonly kind: 'halt'; readonly halt: HaltEntry }
  /** Files of its regions have changed while a tool call of somebody else ran, or files of others during a call of its own. */
  | { readonly kind: 'trespass'; readonly trespass: Trespass }
  /** Somebody waits for what it holds. */
  | { readonly kind: 'waiter'; readonly ticket: Ticket; readonly lease: Lease }

/** Files of one holder that have changed while a tool call of another ran. */
export interface Trespass {
  /** When the call had ended, as an instant. */
  readonly at: string
  /** Who ran the call; `null`: nobody said. */
  readonly by: string | null
  /** Whose region it is. */
  readonly holder: string
  readonly files: readonly {
    readonly path: string
    readonly change: 'made' | 'changed' | 'removed'
    /** Where what was written is kept, if the file was put back. */
    readonly putBack: string | null
  }[]
}

/** The id by which a piece of news is known to have been told. */
export function newsId(news: News): string {
  switch (news.kind) {
    case 'lost':
      return `lost ${news.lease.leaseId} ${news.lease.token}`
    case 'given':
      return `given ${news.lease.leaseId} ${news.lease.token}`
    case 'halt':
      return `halt ${news.halt.eventId}`
    case 'trespass':
      return `trespass ${news.trespass.at} ${JSON.stringify([news.trespass.by, news.trespass.holder])}`
    case 'waiter':
      return `waiter ${news.ticket.place} ${news.lease.leaseId}`
  }
}

/**
 * What the log has for a session that it has not heard yet. A lease that it gave up itself is no loss: whoever releases for
 * the session takes it out of what the session knows. `trespasses`: what is remembered beside the log.
 */
export function sessionNews(
  state: LedgerState,
  record: SessionRecord,
  { nowMs, trespasses = [] }: { readonly nowMs: EpochMs; readonly trespasses?: readonly Trespass[] },
): readonly News[] {
  const { name, knows, told } = record
  const own = sessionLeases(state, name)
  const held = new Set(own.map(({ leaseId, token }) => `${token}\n${leaseId}`))
  const known = new Set(knows.map(({ leaseId, token }) => `${token}\n${leaseId}`))
  const all: News[] = [
    ...trespasses.map(trespass => ({ kind: 'trespass', trespass }) as const),
    ...knows
      .filter(({ leaseId, token }) => !held.has(`${token}\n${leaseId}`))
      .map(lease => ({ kind: 'lost', lease, by: holderNow(state, lease) }) as const),
    ...own
      .filter(({ lane, leaseId, token }) => leaseId !== leaseIdOf(lane, token) && !known.has(`${token}\n${leaseId}`))
      .map(lease => ({ kind: 'given', lease }) as const),
    ...haltsFor(state, name, nowMs).map(halt => ({ kind: 'halt', halt }) as const),
    ...waitersBehind(state, own, nowMs),
  ]
  const heard = new Set(told)
  return all.filter(news => !heard.has(newsId(news)))
}

/** The record of a session that has heard this. */
export function heard(state: LedgerState, record: SessionRecord, news: readonly News[]): SessionRecord {
  const knows = sessionLeases(state, record.name).map(({ leaseId, token, lane }) => ({ leaseId, token, lane }))
  return { ...record, knows, told: [...record.told, ...news.map(newsId)] }
}

function holderNow(state: LedgerState, { leaseId, lane }: KnownLease): Pick<Lease, 'holder' | 'expiresAtMs'> | null {
  const same = [...state.leases.values()].find(lease => lease.leaseId === leaseId || lease.lane === lane)
  return same === undefined ? null : { holder: same.holder, expiresAtMs: same.expiresAtMs }
}

/** Stop intents that nobody has obeyed yet: bound to a lease of the session, or to its run. */
function haltsFor(state: LedgerState, name: string, nowMs: EpochMs): readonly HaltEntry[] {
  return [...state.halts.live(nowMs)].flatMap(([, halt]) => {
    if (halt.confirmedAtMs !== null) return []
    const lease = halt.leaseId === null ? undefined : state.leases.get(halt.leaseId)
    const isBound = lease !== undefined && lease.token === halt.token && lease.holder === name
    return isBound || halt.runId === name ? [halt] : []
  })
}

function waitersBehind(state: LedgerState, own: readonly Lease[], nowMs: EpochMs): News[] {
  return [...state.tickets.live(nowMs)].flatMap(([, ticket]) => {
    const claim = { ...ticket, workTree: ticket.workTree ?? null }
    const lease = own.find(each => ticket.holder !== each.holder && conflictBetween(claim, each, state.config) !== null)
    return lease === undefined ? [] : [{ kind: 'waiter', ticket, lease } as const]
  })
}
