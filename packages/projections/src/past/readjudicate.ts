import {
  evolve,
  health,
  initialState,
  liveLeases,
  type EpochMs,
  type HealthPolicy,
  type Holder,
  type Judgement,
  type Lane,
  type LeaseId,
  type LedgerState,
  type LogEntry,
  type Token,
} from '@holdfast/core'
import { nextRevision } from '@holdfast/core/internal'
import { readHistory, type LogStore } from '@holdfast/store'
import type { LivenessSettings } from '../liveness/liveness-settings.ts'
import { lookAtLiveness } from '../liveness/look-at-liveness.ts'
import { stateAt, type HistoryPoint } from './state-at.ts'

/** A verdict that can be computed from the log alone, and the policy to judge by. */
export type Adjudication =
  | { readonly verdict: 'liveness'; readonly settings: LivenessSettings }
  | { readonly verdict: 'health'; readonly policy: HealthPolicy }

/** A lease, and what it was judged from an instant on. */
export interface Adjudicated extends Judgement<string, string, unknown> {
  /** The newest revision by then. */
  readonly revision: number
  readonly atMs: number
  readonly lane: Lane
  readonly leaseId: LeaseId
  readonly holder: Holder
  readonly token: Token
}

export interface AdjudicatedRange {
  /** `null`: from the beginning. */
  readonly from: HistoryPoint | null
  /** `null`: to the newest event. */
  readonly to: HistoryPoint | null
}

/**
 * Judges a history again, under any policy: each lease's verdict when the range or the lease begins, and whenever it
 * becomes another one, also by time alone between two events. Evidence is what the log holds: processes and commits that
 * nobody recorded stay unknown. Rejects as the store does.
 */
export async function* readjudicate(
  store: LogStore,
  stream: string,
  { from, to }: AdjudicatedRange,
  adjudication: Adjudication,
): AsyncGenerator<Adjudicated, void, undefined> {
  const told = new Map<LeaseId, Told>()
  let { state } = from === null ? { state: initialState() } : await stateAt(store, stream, justBefore(from))
  let dueMs = Infinity
  const judgeAll = async (atMs: number): Promise<readonly Adjudicated[]> => {
    const { judged, boundariesMs } = await judge(state, atMs as EpochMs, adjudication)
    dueMs = Math.min(Infinity, ...boundariesMs.filter(ms => ms > atMs))
    return news(told, judged)
  }
  const begin = state.head === -1 ? undefined : nextRevision(state.head)
  for await (const entries of readHistory(store, stream, { from: begin })) {
    for (const entry of entries) {
      if (to !== null && isBeyond(entry, to)) return
      if (from !== null && isBefore(entry, from)) {
        state = evolve(state, entry)
        continue
      }
      while (dueMs < entry.recordedAt) yield* await judgeAll(dueMs)
      state = evolve(state, entry)
      if (mayMatter(entry, told)) yield* await judgeAll(state.clockMs)
    }
  }
}

interface Told {
  readonly token: Token
  readonly verdict: string
  readonly basis: string
}

/** A beat of a lease that is not stalled changes no verdict; it only puts off the next. */
function mayMatter(entry: LogEntry, told: ReadonlyMap<LeaseId, Told>): boolean {
  if (entry.type !== 'HEARTBEAT') return entry.type !== 'REFUSE'
  const before = told.get(entry.data.leaseId)
  return before === undefined || !['ADVANCING', 'SPINNING', 'LIVE'].includes(before.verdict)
}

/** Those of a judgement that differ from what was told last; forgets leases that are gone. */
function news(told: Map<LeaseId, Told>, judged: readonly Adjudicated[]): readonly Adjudicated[] {
  const live = new Set(judged.map(({ leaseId }) => leaseId))
  for (const leaseId of told.keys()) if (!live.has(leaseId)) told.delete(leaseId)
  return judged.filter(({ leaseId, token, verdict, basis }) => {
    const before = told.get(leaseId)
    told.set(leaseId, { token, verdict, basis })
    return before?.token !== token || before.verdict !== verdict || before.basis !== basis
  })
}

interface Judged {
  readonly judged: readonly Adjudicated[]
  /** When time alone may change one of them. */
  readonly boundariesMs: readonly number[]
}

async function judge(state: LedgerState, nowMs: EpochMs, adjudication: Adjudication): Promise<Judged> {
  const at = { revision: state.head, atMs: nowMs }
  switch (adjudication.verdict) {
    case 'liveness': {
      const { view, boundariesMs } = await lookAtLiveness(state, nowMs, { settings: adjudication.settings, ports: {} })
      const judged = view.leases.map(({ lane, leaseId, holder, token, verdict, basis, reason, evidence }) => {
        return { ...at, lane, leaseId, holder, token, verdict, basis, reason, evidence }
      })
      return { judged, boundariesMs }
    }
    case 'health': {
      const { policy } = adjudication
      const leases = liveLeases(state)
      const judged = leases.map(({ lane, leaseId, holder, token, lastBeatAtMs }) => {
        const heartbeatAgeMs = nowMs - lastBeatAtMs
        return { ...at, lane, leaseId, holder, token, ...health({ heartbeatAgeMs, activity: 'unknown', policy }) }
      })
      const ends = leases.flatMap(({ lastBeatAtMs }) => [policy.stallMs, policy.ttlMs].map(ms => lastBeatAtMs + ms + 1))
      return { judged, boundariesMs: ends }
    }
  }
}

function justBefore(point: HistoryPoint): HistoryPoint {
  return 'revision' in point ? { revision: point.revision - 1 } : { atMs: point.atMs - 1 }
}

function isBefore(entry: LogEntry, point: HistoryPoint): boolean {
  return 'revision' in point ? entry.revision < point.revision : entry.recordedAt < point.atMs
}

function isBeyond(entry: LogEntry, point: HistoryPoint): boolean {
  return 'revision' in point ? entry.revision > point.revision : entry.recordedAt > point.atMs
}
