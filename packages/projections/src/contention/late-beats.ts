import {
  evolve,
  fork,
  initialState,
  type EpochMs,
  type Lease,
  type LeaseId,
  type LedgerState,
  type LogEntry,
  type Token,
} from '@holdfast/core'
import { pastProjection, type Past } from '../past/past-projection.ts'
import type { Projection } from '../projection.ts'

/** Gaps that are kept, the newest. */
const GAPS_MAX = 1000

/** Holders that are counted. */
const HOLDERS_MAX = 10_000

/** What came at last: a beat, or the end of the ownership. `null`: nothing yet. */
export type GapEnd = 'beat' | 'released' | 'adopted' | 'evicted' | null

/** A span without a beat that was longer than the lease allowed: its holder could not be believed from then on. */
export interface BeatGap {
  readonly holder: string
  readonly leaseId: LeaseId
  readonly token: Token
  /** The last beat before, or the grant. */
  readonly fromMs: EpochMs
  readonly toMs: EpochMs | null
  readonly end: GapEnd
  readonly spanMs: number
  /** The TTL, or the activity that was announced for longer. */
  readonly allowedMs: number
}

/** How one holder beat. Spans are in ms. */
export interface HolderBeats {
  readonly holder: string
  readonly beats: number
  readonly gaps: number
  /** The longest span without a beat, and the greatest part of what was allowed; 1 and more was too late. */
  readonly longestMs: number
  readonly greatestPart: number
}

export interface LateBeats {
  /** The newest ones, oldest first. */
  readonly gaps: readonly BeatGap[]
  /** Who came closest to losing a lease first. */
  readonly holders: readonly HolderBeats[]
}

interface Folded {
  ledger: LedgerState
  gaps: BeatGap[]
  readonly holders: Map<string, HolderBeats>
}

/**
 * Beats that came late, by holder: after the time that the lease was safe until. Folded over everything, or from a state
 * on, in which the leases are that were live then.
 */
export function lateBeatsProjection(from: LedgerState = initialState()): Projection<Past<Folded>, LateBeats> {
  return pastProjection<Folded, LateBeats>({
    name: 'late-beats',
    initial: () => ({ ledger: fork(from), gaps: [], holders: new Map() }),
    take,
    view,
  })
}

function take(folded: Folded, entry: LogEntry): void {
  const heard = heardOf(entry)
  const lease = heard === null ? undefined : folded.ledger.leases.get(heard.leaseId)
  if (heard !== null && lease !== undefined && lease.token === heard.token) {
    const span = spanOf(lease, entry.recordedAt)
    count(folded.holders, lease.holder, span, { isBeat: heard.end === 'beat' })
    if (span.spanMs >= span.allowedMs) folded.gaps.push({ ...span, toMs: entry.recordedAt, end: heard.end })
    if (folded.gaps.length > 2 * GAPS_MAX) folded.gaps = folded.gaps.slice(-GAPS_MAX)
  }
  folded.ledger = evolve(folded.ledger, entry)
}

function heardOf(entry: LogEntry): { leaseId: LeaseId; token: Token | null; end: Exclude<GapEnd, null> } | null {
  switch (entry.type) {
    case 'HEARTBEAT':
      return { leaseId: entry.data.leaseId, token: entry.data.token, end: 'beat' }
    case 'RELEASE':
      return { leaseId: entry.data.leaseId, token: entry.data.token, end: 'released' }
    case 'SCAVENGE':
      return { leaseId: entry.data.leaseId, token: entry.data.token, end: 'evicted' }
    case 'ADOPT':
      return { leaseId: entry.data.leaseId, token: entry.data.previousToken, end: 'adopted' }
    case 'ACQUIRE':
    case 'HALT':
    case 'SPAWN':
    case 'REFUSE':
    case 'CHECKPOINT':
    case 'UNRECOGNISED':
      return null
  }
}

type Span = Omit<BeatGap, 'toMs' | 'end'>

function spanOf({ holder, leaseId, token, lastBeatAtMs, safeUntilMs }: Lease, atMs: EpochMs): Span {
  const allowedMs = safeUntilMs - lastBeatAtMs
  return { holder, leaseId, token, fromMs: lastBeatAtMs, spanMs: atMs - lastBeatAtMs, allowedMs }
}

function count(
  holders: Map<string, HolderBeats>,
  holder: string,
  { spanMs, allowedMs }: Span,
  { isBeat }: { readonly isBeat: boolean },
): void {
  const known = holders.get(holder) ?? { holder, beats: 0, gaps: 0, longestMs: 0, greatestPart: 0 }
  if (!holders.has(holder) && holders.size >= HOLDERS_MAX) return
  holders.set(holder, {
    holder,
    beats: known.beats + (isBeat ? 1 : 0),
    gaps: known.gaps + (spanMs >= allowedMs ? 1 : 0),
    longestMs: Math.max(known.longestMs, spanMs),
    greatestPart: Math.max(known.greatestPart, allowedMs > 0 ? spanMs / allowedMs : 0),
  })
}

/** Leases that are silent now are told as well, without an end. */
function view({ ledger, gaps, holders }: Folded, nowMs: EpochMs): LateBeats {
  const counted = new Map(holders)
  const open: BeatGap[] = []
  for (const lease of ledger.leases.values()) {
    const span = spanOf(lease, nowMs)
    count(counted, lease.holder, span, { isBeat: false })
    if (span.spanMs >= span.allowedMs) open.push({ ...span, toMs: null, end: null })
  }
  return {
    gaps: [...gaps, ...open].slice(-GAPS_MAX),
    holders: [...counted.values()].sort((a, b) => b.greatestPart - a.greatestPart),
  }
}
