import type { EpochMs, RunId } from '../ids.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { RUN_WORK_MEMORY_MS, RUN_WORKS_MAX } from '../state/entries.ts'

/** Notes an ACQUIRE of a run: the first one begins it, each further one is a piece of work. */
export function noteAcquire(state: LedgerState, runId: RunId, atMs: EpochMs): void {
  const known = state.runs.get(runId, atMs)
  if (known !== undefined) noteWork(state, runId, { startedAtMs: known.startedAtMs, atMs })
  else state.runs.set(runId, { startedAtMs: atMs, workedAtMs: [], untilMs: atMs + RUN_WORK_MEMORY_MS }, atMs)
}

/** Notes a RELEASE or SCAVENGE of a run's lease; `startedAtMs` stands for a beginning that is forgotten. */
export function noteWork(
  state: LedgerState,
  runId: RunId,
  { startedAtMs, atMs }: { readonly startedAtMs: EpochMs; readonly atMs: EpochMs },
): void {
  const known = state.runs.get(runId, atMs)
  const workedAtMs = [...(known?.workedAtMs ?? []), atMs].slice(-RUN_WORKS_MAX)
  const entry = { startedAtMs: known?.startedAtMs ?? startedAtMs, workedAtMs, untilMs: atMs + RUN_WORK_MEMORY_MS }
  state.runs.set(runId, entry, atMs)
}
