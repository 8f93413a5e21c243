import type { EpochMs, LeaseId, ReapPlan } from '@holdfast/core'

/** What a reaper did, or would do, about one lease at one tick. */
export interface ReapAction {
  readonly leaseId: LeaseId
  readonly lane: string
  readonly token: number
  readonly plan: ReapPlan
  /**
   * `planned`: a dry run; `lost`: somebody else was first; `failed`: it went wrong, and `detail` says how;
   * `halt-proposed`: told, and nothing was written; `halt-recorded`: the HALT is in the log.
   */
  readonly result: 'planned' | 'left' | 'reaped' | 'halt-proposed' | 'halt-recorded' | 'lost' | 'failed' | 'refused'
  readonly disposition: 'retry' | 'failed' | 'done' | null
  readonly detail: string
  readonly atMs: EpochMs
}

export interface ReaperTotals {
  ticks: number
  reaped: number
  retry: number
  failed: number
  done: number
  /** Recorded ones included. */
  haltsProposed: number
  lost: number
  /** Units, ticks and notifications that went wrong. */
  errors: number
}

/** A snapshot of a reaper, for people and metrics. */
export interface ReaperStatus {
  readonly enabled: boolean
  readonly running: boolean
  readonly intervalMs: number
  readonly lastRunAtMs: EpochMs | null
  readonly lastAction: ReapAction | null
  /** Why the last tick saw no lease at all; `null` when it did. */
  readonly lastError: Error | null
  readonly totals: ReaperTotals
}

export const NO_TOTALS: ReaperTotals = {
  ticks: 0,
  reaped: 0,
  retry: 0,
  failed: 0,
  done: 0,
  haltsProposed: 0,
  lost: 0,
  errors: 0,
}

/** The totals with one more action counted. */
export function countAction(totals: ReaperTotals, action: ReapAction): ReaperTotals {
  const counted = { ...totals }
  if (action.result === 'reaped') counted.reaped += 1
  if (action.result === 'reaped' && action.disposition !== null) counted[action.disposition] += 1
  if (action.result === 'halt-proposed' || action.result === 'halt-recorded') counted.haltsProposed += 1
  if (action.result === 'lost') counted.lost += 1
  if (action.result === 'failed') counted.errors += 1
  return counted
}
