import type { LogEntry, RecordedEvent, Revision } from '@holdfast/core'

/** What was derived from some entries that follow each other, to be found again without reading them. */
export interface HistoryPiece {
  /** Where the piece before it ends; `null`: it is the first. */
  readonly after: Revision | null
  readonly from: Revision
  readonly to: Revision
  /** One for each bucket, the same number for all pieces of a stream. */
  readonly marks: readonly Uint8Array[]
  /** The fold after the last one, as JSON; `null`: not kept here. */
  readonly state: string | null
}

/** The marks of one bucket of one piece. */
export interface KeptMarks {
  /** Where the piece begins. */
  readonly from: Revision
  readonly marks: Uint8Array
}

/** What is kept of a stream's history at one moment. */
export interface KeptPast {
  /** Where the newest piece ends; they follow each other without a gap from `oldest` or before. `null`: none that can be believed. */
  readonly through: Revision | null
  /** For each bucket that was asked for, the marks of all pieces, oldest first. */
  readonly marks: readonly (readonly KeptMarks[])[]
  /** The oldest revision that can be read, archive included. */
  readonly oldest: Revision
  /** Whether this process may keep more. */
  readonly mayAdd: boolean
}

/** A state that was kept with a piece. */
export interface KeptState {
  readonly to: Revision
  readonly state: unknown
}

/**
 * Finds entries of a history without reading the rest. What it keeps is a cache: it may lose everything at any time, and
 * what is damaged, foreign, made by other code (`codeVersion`) or not of this very history counts as absent.
 */
export interface HistoryAccess {
  /** The entries at exactly these revisions, ascending, from archive and log; those that are not there are left out. */
  at(stream: string, revisions: readonly Revision[]): AsyncIterable<readonly LogEntry[]>
  /** The newest revision that was recorded at an instant or before; `null` when nothing is that old. */
  revisionAt(stream: string, atMs: number): Promise<Revision | null>
  /** The newest archived CHECKPOINT below a revision whose state can be read. */
  archivedCheckpoint(stream: string, before: Revision): Promise<RecordedEvent<'CHECKPOINT'> | null>
  kept(stream: string, codeVersion: string, buckets?: readonly number[]): Promise<KeptPast | null>
  /** The newest state of those that were kept with pieces that end at `upTo` or before, and behind `after`. */
  keptState(stream: string, codeVersion: string, upTo: number, after?: number): Promise<KeptState | null>
  /**
   * Keeps pieces that follow each other behind those that are kept, all or none; false when they do not follow, or cannot
   * be written. Several at once cost less.
   */
  keep(stream: string, codeVersion: string, pieces: readonly HistoryPiece[]): Promise<boolean>
}
