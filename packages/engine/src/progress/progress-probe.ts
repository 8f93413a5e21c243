import type { RunId, WorkTree } from '@holdfast/core'

/** Whose progress is asked for, and since when. */
export interface ProgressQuery {
  /** Globs of what the run's lease covers. */
  readonly region: readonly string[]
  readonly runId: RunId | null
  /** The work tree of the lease; `null`: unknown; absent: whoever asks looks in the right one. */
  readonly workTree?: WorkTree | null | undefined
  /** Milliseconds since the epoch, inclusive. */
  readonly sinceMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Why nothing can be said.
 * - `no-git`, `no-repository`, `unknown-base`, `git-failed`, `timed-out`: of git.
 * - `unreadable-folder`, `too-many-files`, `invalid-region`: of files.
 * - `other-tree`: the lease is of another work tree than the one that is looked at, or may be.
 * - `no-run`: the lease belongs to none.
 * - `aborted`; `failed`: the probe rejected, the detail has its message.
 */
export type ProgressUnknown =
  | 'no-git'
  | 'no-repository'
  | 'unknown-base'
  | 'git-failed'
  | 'timed-out'
  | 'unreadable-folder'
  | 'too-many-files'
  | 'invalid-region'
  | 'other-tree'
  | 'no-run'
  | 'aborted'
  | 'failed'

/** A count of 0 says that nothing happened; `unknown` says nothing. */
export type ProgressReading =
  | { readonly outcome: 'counted'; readonly count: number }
  | { readonly outcome: 'unknown'; readonly reason: ProgressUnknown; readonly detail: string }

export type ProgressKind = 'commits' | 'files' | 'events'

/** Counts one kind of trace that real work leaves. Beats are no such trace. */
export interface ProgressProbe {
  readonly name: string
  readonly kind: ProgressKind
  read(query: ProgressQuery): Promise<ProgressReading>
}

export function unknownProgress(reason: ProgressUnknown, detail: string): ProgressReading {
  return { outcome: 'unknown', reason, detail }
}
