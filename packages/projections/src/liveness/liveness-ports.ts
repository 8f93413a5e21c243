import type { EpochMs, Holder, Lane, LeaseId, ProcessIdentity, ProcessStatus, RunId, WorkTree } from '@holdfast/core'

/** Whose progress is asked for. */
export interface ProgressSubject {
  readonly lane: Lane
  readonly leaseId: LeaseId
  readonly holder: Holder
  readonly runId: RunId | null
  readonly region: readonly string[]
  /** Where the region is; `null`: unknown. */
  readonly workTree: WorkTree | null
}

/** What a run produced beside the log. */
export interface Progress {
  readonly commits: number
  /** Files changed under the region. */
  readonly files: number
  /** What could not be looked at, if anything: nothing found then proves nothing. */
  readonly unknown?: readonly unknown[] | undefined
}

/** Instants of the log clock between which progress counts, both inclusive. */
export interface ProgressSpan {
  readonly sinceMs: EpochMs
  readonly nowMs: EpochMs
}

/**
 * What a view of liveness asks beyond the log. A port that rejects ends the view with its error; one that does not know
 * answers `unknown` or nothing.
 */
export interface LivenessPorts {
  /** Default: every process is `unknown`. */
  readonly probe?: ((process: ProcessIdentity) => ProcessStatus | Promise<ProcessStatus>) | undefined
  /** Default: nothing beside the log. */
  readonly progress?: ((subject: ProgressSubject, span: ProgressSpan) => Progress | Promise<Progress>) | undefined
}
