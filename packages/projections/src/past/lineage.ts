import type {
  AdoptGround,
  Disposition,
  EndCause,
  EpochMs,
  Holder,
  Lane,
  LeaseId,
  LogEntry,
  ProcessIdentity,
  ReapClaim,
  RecordedEvent,
  Revision,
  Token,
} from '@holdfast/core'
import { tokenAt, tokenNameOf } from '@holdfast/core/internal'
import type { Projection } from '../projection.ts'
import { pastProjection, type Past } from './past-projection.ts'

/** One ownership of a lease: from the event that minted its token to the one that ended it. */
export interface Ownership {
  readonly token: Token
  readonly holder: Holder
  readonly process: ProcessIdentity | null
  /** `null` for the ACQUIRE; otherwise the ground of the ADOPT (imports name none). */
  readonly adopted: { readonly ground: AdoptGround | null; readonly forced: boolean } | null
  /** The reaper's claim under which it was adopted. */
  readonly claim: ReapClaim | null
  readonly sinceMs: EpochMs
  readonly reason: string
  /** The name of the token by which it came at a server; absent: by none. */
  readonly accessToken?: string | undefined
}

export type LineageEnd = {
  readonly revision: Revision
  readonly atMs: EpochMs
  readonly reason: string
  readonly accessToken?: string | undefined
} & (
  | { readonly how: 'released' }
  | {
      readonly how: 'evicted'
      readonly cause: EndCause
      readonly disposition: Disposition
      readonly forced: boolean
    }
)

/** Who owned a lease, one after the other, and how it ended; `null` while it is live. */
export interface Lineage {
  readonly leaseId: LeaseId
  readonly lane: Lane
  readonly owners: readonly Ownership[]
  readonly end: LineageEnd | null
}

type Lineages = Map<LeaseId, Lineage>

/** The lineage of ownership of every lease that ever was, in the order of the ACQUIREs. Stale events are no part of it. */
export const lineageProjection: Projection<Past<Lineages>, readonly Lineage[]> = pastProjection<
  Lineages,
  readonly Lineage[]
>({
  name: 'lineage',
  initial: () => new Map(),
  take,
  view: lineages => [...lineages.values()],
})

function take(lineages: Lineages, entry: LogEntry): void {
  switch (entry.type) {
    case 'ACQUIRE':
      return acquire(lineages, entry)
    case 'ADOPT':
      return adopt(lineages, entry)
    case 'RELEASE':
    case 'SCAVENGE':
      return end(lineages, entry)
    case 'HEARTBEAT':
    case 'HALT':
    case 'SPAWN':
    case 'REFUSE':
    case 'CHECKPOINT':
    case 'UNRECOGNISED':
  }
}

function acquire(lineages: Lineages, { data, revision, recordedAt, actor }: RecordedEvent<'ACQUIRE'>): void {
  const { leaseId, lane, holder, process, reason } = data
  const owner = {
    token: tokenAt(revision),
    holder,
    process,
    adopted: null,
    claim: null,
    sinceMs: recordedAt,
    reason,
    ...byToken(actor),
  }
  // An import may grant an identity again; its earlier owners stay in the lineage.
  const known = lineages.get(leaseId)
  lineages.set(leaseId, { leaseId, lane, owners: [...(known?.owners ?? []), owner], end: null })
}

function adopt(lineages: Lineages, event: RecordedEvent<'ADOPT'>): void {
  const { data, revision, recordedAt, actor } = event
  const lineage = liveAt(lineages, data.leaseId, data.previousToken, event)
  if (lineage === null) return
  const owner = {
    token: tokenAt(revision),
    holder: data.newHolder,
    process: data.process,
    adopted: { ground: data.ground ?? null, forced: data.forced },
    claim: data.claim ?? null,
    sinceMs: recordedAt,
    reason: data.reason,
    ...byToken(actor),
  }
  lineages.set(data.leaseId, { ...lineage, owners: [...lineage.owners, owner] })
}

function end(lineages: Lineages, event: RecordedEvent<'RELEASE' | 'SCAVENGE'>): void {
  const lineage = liveAt(lineages, event.data.leaseId, event.data.token, event)
  if (lineage !== null) lineages.set(lineage.leaseId, { ...lineage, end: endOf(event) })
}

function endOf(event: RecordedEvent<'RELEASE' | 'SCAVENGE'>): LineageEnd {
  const { revision, recordedAt: atMs, data, actor } = event
  const common = { revision, atMs, reason: data.reason, ...byToken(actor) }
  if (event.type === 'RELEASE') return { ...common, how: 'released' }
  const { cause, disposition, forced } = event.data
  return { ...common, how: 'evicted', cause, disposition, forced }
}

function byToken(actor: ProcessIdentity | null): Pick<Ownership, 'accessToken'> {
  const accessToken = tokenNameOf(actor)
  return accessToken === null ? {} : { accessToken }
}

/** The lineage that is live at exactly that token (law 5); imports know none. */
function liveAt(lineages: Lineages, leaseId: LeaseId, token: Token | null, event: RecordedEvent): Lineage | null {
  const lineage = lineages.get(leaseId)
  if (lineage === undefined || lineage.end !== null) return null
  if (token === null) return event.origin === undefined ? null : lineage
  return lineage.owners.at(-1)?.token === token ? lineage : null
}
