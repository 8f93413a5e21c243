import type { EpochMs, Lease, LedgerState, Revision, RunId } from '@holdfast/core'
import type { WorkWindow } from './work-window.ts'

/** The first ACQUIRE that is known of a run. */
export interface RunStart {
  readonly revision: Revision
  readonly atMs: EpochMs
}

/**
 * Where each run began, as far as live leases and the window show it. A run whose earlier leases ended before the window
 * seems to begin with its oldest live one: what lies before the window is asked by nobody.
 */
export function runStarts(state: LedgerState, window: WorkWindow): ReadonlyMap<RunId, RunStart> {
  const starts = new Map<RunId, RunStart>()
  for (const { runId, place, acquiredAtMs } of state.leases.values()) {
    if (runId === null) continue
    const known = starts.get(runId) ?? window.firstAcquire(runId)
    const own = { revision: place, atMs: acquiredAtMs }
    starts.set(runId, known === null || own.revision < known.revision ? own : known)
  }
  return starts
}

/** A lease without a run is a run of its own. */
export function startOf(lease: Lease, starts: ReadonlyMap<RunId, RunStart>): RunStart {
  const own = { revision: lease.place, atMs: lease.acquiredAtMs }
  return lease.runId === null ? own : (starts.get(lease.runId) ?? own)
}
