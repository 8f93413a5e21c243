import type { Holder, Lane, LeaseId, Token } from '../ids.ts'
import { overlap } from '../region/index.ts'
import { WITNESS_LENGTH_MAX } from '../refuse-event.ts'
import type { Lease } from '../state/lease.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { leasesNamed } from '../state/live-set.ts'
import type { DrainingEntry } from '../state/entries.ts'
import { regionOf } from '../state/regions.ts'
import { drainingAt } from '../time/draining-at.ts'
import type { Moment } from '../time/own-clock.ts'
import type { WorkTree } from '../work-tree.ts'
import { areApart } from './conflict.ts'

/** Merge risks that a grant names; the count of the rest goes beside them. */
export const MERGE_RISKS_MAX = 16

/**
 * Somebody works in another work tree on what a grant covers. The ledger keeps the two trees apart and lets both go on;
 * the changes meet when the branches are merged.
 */
export interface MergeRisk {
  readonly leaseId: LeaseId
  readonly token: Token
  readonly lane: Lane
  readonly holder: Holder
  readonly workTree: WorkTree
  /** A path that both cover, where one was found that is not too long to be told. */
  readonly witness?: string | undefined
  /** The search for one was given up at its bound: they may overlap. */
  readonly bounded?: true | undefined
}

export interface MergeRisks {
  readonly mergeRisks: readonly MergeRisk[]
  readonly moreMergeRisks: number
}

/**
 * What overlaps with the leases in other work trees, live (expired ones too: what was written there is not merged yet) or
 * draining, in the order in which it was granted. Two readers are no risk. Nothing where trees count together, for there
 * an overlap is a conflict.
 */
export function mergeRisksOf(state: LedgerState, leases: readonly Lease[], moment: Moment): MergeRisks {
  const found = new Map<string, { readonly order: number; readonly risk: MergeRisk }>()
  if (state.config.workTrees !== 'apart') return { mergeRisks: [], moreMergeRisks: 0 }
  for (const lease of leases) {
    if (lease.region.length === 0 || lease.workTree === null) continue
    for (const other of beside(state, lease, moment)) {
      const key = `${other.token}\n${other.leaseId}`
      if (found.has(key)) continue
      const risk = riskBetween(state, lease, other)
      if (risk !== null) found.set(key, { order: 'place' in other ? other.place : other.token, risk })
    }
  }
  const inOrder = [...found.values()].sort((a, b) => a.order - b.order).map(({ risk }) => risk)
  const mergeRisks = inOrder.slice(0, MERGE_RISKS_MAX)
  return { mergeRisks, moreMergeRisks: inOrder.length - mergeRisks.length }
}

function* beside(state: LedgerState, lease: Lease, moment: Moment): IterableIterator<Lease | DrainingEntry> {
  const region = regionOf(lease.region, state.config.caseSensitive)
  yield* leasesNamed(state, state.regions.candidates(region))
  yield* drainingAt(state, moment)
}

function riskBetween(state: LedgerState, lease: Lease, other: Lease | DrainingEntry): MergeRisk | null {
  const { caseSensitive } = state.config
  const { leaseId, token, lane, holder, region, mode, workTree } = other
  if (workTree === null || workTree === undefined || !areApart(lease, other, state.config)) return null
  if (region.length === 0 || (lease.mode === 'shared' && mode === 'shared')) return null
  const shared = overlap({ a: regionOf(lease.region, caseSensitive), b: regionOf(region, caseSensitive) })
  if (!shared.overlap) return null
  const { witness } = shared
  const isTold = witness !== undefined && witness.length <= WITNESS_LENGTH_MAX
  return {
    leaseId,
    token,
    lane,
    holder,
    workTree,
    ...(isTold ? { witness } : {}),
    ...(shared.bounded === true ? { bounded: true } : {}),
  }
}
