import type { EpochMs, LedgerId, LogEntry, ProcessIdentity, RecordedEvent, Revision } from '@holdfast/core'
import type { HistoryAccess } from './history-access.ts'

/** Bytes that one event may take, as stored. */
export const EVENT_BYTES_MAX = 512 * 1024

/** Bytes that one append may take in all. */
export const APPEND_BYTES_MAX = 1000 * 1024

/** Events that a commit folds inside the write lock; a longer tail is handed over before it. */
export const COMMIT_TAIL_MAX = 1000

/** An event to append: everything but the revision and the time, which are the store's. */
export interface NewEvent {
  readonly eventId: string
  readonly type: string
  readonly schemaVersion: number
  readonly actor: ProcessIdentity | null
  readonly data: unknown
  readonly runId?: string | undefined
  readonly causation?: string | undefined
  readonly origin?: unknown
  /** Only import and move set it; otherwise the log clock does. */
  readonly recordedAt?: EpochMs | undefined
  /**
   * The entry that a reader is given for the event at a place, from a writer that knows it: a commit then answers with that
   * and reads nothing back. It must be exactly what reading gives. Never for a CHECKPOINT, whose state a store may move.
   */
  readonly asRecorded?: ((at: RecordedPlace) => LogEntry) | undefined
}

/** What a store adds to an event. */
export interface RecordedPlace {
  readonly revision: Revision
  readonly recordedAt: EpochMs
}

/** Where a stream ends. `none` for a stream without events. */
export type Head = Revision | 'none'

/** `any`: only for HEARTBEATs, which the fold ignores when they are stale. */
export type ExpectedHead = Head | 'any'

export type AppendResult =
  | {
      readonly outcome: 'appended'
      readonly first: Revision
      readonly last: Revision
      /** Of the last event. */
      readonly recordedAt: EpochMs
      /** Of each event, where they can differ; absent: all have the last one's. */
      readonly times?: readonly EpochMs[] | undefined
    }
  | { readonly outcome: 'conflict'; readonly actual: Head }

/** What a commit's decider is given: each call holds the entries that no earlier call of this commit held. */
export interface CommitView {
  /** Entries after the ones that the caller has, oldest first. */
  readonly entries: readonly LogEntry[]
  /** The head that these entries lead to. */
  readonly head: Head
  /** The log clock. Events of this commit get this `recordedAt` where the store can promise it. */
  readonly nowMs: EpochMs
}

/** `more`: fold the entries and call again (a long tail outside the lock); `append`: nothing is left unseen. */
export interface CommitDecider {
  /** Takes entries that lie too far back to be folded under the lock. */
  readonly absorb: (entries: readonly LogEntry[]) => void
  /**
   * Decides on the true head. May run several times: on a conflict it is called again with what others appended
   * since, and nothing that an earlier call returned has been written. Synchronous and without side effects on the log.
   */
  readonly decide: (view: CommitView) => readonly NewEvent[]
}

export interface CommitResult {
  /** The appended events as recorded, in order; empty when the decider returned none. */
  readonly entries: readonly LogEntry[]
  readonly head: Head
}

export interface ReadOptions {
  /** First revision to give, inclusive; default the first (forwards) or the last (backwards). */
  readonly from?: Revision | undefined
  readonly direction?: 'forwards' | 'backwards' | undefined
  /** At most so many entries. */
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export type SubscriptionItem =
  | { readonly kind: 'entries'; readonly entries: readonly LogEntry[] }
  /** History in [from, to] was compacted away and is not delivered here; the archive has it. */
  | { readonly kind: 'truncated'; readonly from: Revision; readonly to: Revision }
  /** All history is delivered; what follows is live. Sent once. */
  | { readonly kind: 'caught-up'; readonly head: Head }

/** What a compaction did; all counts are of the log alone. Nothing to cut: `eventsAfter` equals `eventsBefore`. */
export interface CompactResult {
  readonly eventsBefore: number
  readonly eventsAfter: number
  /** Bytes that left the log, less what the archive takes for them. The store may keep the room for later events. */
  readonly bytesReclaimed: number
}

export interface ArchiveReadOptions {
  /** First revision to give, inclusive; default the oldest that the archive still has. */
  readonly from?: Revision | undefined
  readonly signal?: AbortSignal | undefined
}

/** A piece of history. */
export interface HistorySpan {
  readonly from: Revision
  readonly to: Revision
  readonly events: number
  readonly oldestRecordedAt: EpochMs
  readonly newestRecordedAt: EpochMs
}

/** What an archive holds, and what it held once. */
export interface ArchiveSummary {
  /** `null`: nothing is archived, or all of it was dropped. */
  readonly held: HistorySpan | null
  /** What `dropArchive` removed, from the ledger's beginning on; `null`: nothing. */
  readonly dropped: HistorySpan | null
  /** Bytes that the archive takes. */
  readonly bytes: number
}

export interface BackupReport {
  readonly file: string
  readonly bytes: number
  /** Names of the ledgers that it holds. */
  readonly ledgers: readonly string[]
}

/** A cached fold; never believed unless all of it matches. */
export interface SnapshotKey {
  readonly ledgerId: LedgerId
  readonly codeVersion: string
}
export interface Snapshot extends SnapshotKey {
  readonly throughRevision: Revision
  readonly state: unknown
}

/** The state of a CHECKPOINT that nobody can begin at: its writer is still at it, or was stopped. */
export interface UnsealedState {
  readonly revision: Revision
  /** The side stream. */
  readonly stream: string
  /** Parts that lie there. */
  readonly parts: number
}

/** One finding of a store's own check (hash chain, witness, gaps). */
export interface StoreCheck {
  readonly name: string
  readonly ok: boolean
  readonly count: number
  readonly severity: 'fault' | 'finding'
  readonly detail?: string
}

/**
 * A log of streams. Every method rejects with a `StoreError` (see `errors.ts`) when the infrastructure fails;
 * expected outcomes are values.
 */
export interface LogStore extends AsyncDisposable {
  /** For people and messages; never holds a secret. */
  readonly url: string
  readonly kind: 'memory' | 'sqlite' | 'eventstoredb'
  /**
   * `can-step`: the log clock can run ahead of the time that has passed, as where a new leader brings another clock. Who
   * decides by it then needs a clock of its own besides. `steady`: it never does.
   */
  readonly clock: 'steady' | 'can-step'
  /**
   * How long one operation takes at most where a server has to answer, in milliseconds; then it rejects with `unavailable`
   * or `timeout-unknown-outcome`. Absent: there is no server. Under `withinDeadline` what is left of that counts.
   */
  readonly deadlineMs?: number | undefined

  /**
   * Atomic; durable before it answers; idempotent: a full repeat of the same event ids at the same expected head
   * answers as the first time and writes nothing. Anything else at a wrong head is a conflict.
   */
  append(stream: string, expected: ExpectedHead, events: readonly NewEvent[]): Promise<AppendResult>

  /** Decides on the true head and appends the answer atomically; `after` is the last revision the caller has folded. */
  commit(stream: string, after: Head, decider: CommitDecider): Promise<CommitResult>

  /**
   * Entries in batches, in order, from where the log begins now: what was compacted away is in the archive, and the
   * first entry is then the CHECKPOINT that stands for it (its `throughRevision` says up to where). A compaction during
   * the read moves it on to that CHECKPOINT. Beyond the end: nothing.
   */
  read(stream: string, options?: ReadOptions): AsyncIterable<readonly LogEntry[]>

  /** History after `after`, then live entries: no gap, no duplicate. Ends without an error when `signal` aborts. */
  subscribe(stream: string, after: Head, options: { readonly signal: AbortSignal }): AsyncIterable<SubscriptionItem>

  head(stream: string): Promise<Head>

  /** The log clock: never above the newest `recordedAt` plus the time elapsed since an event moved it. */
  now(stream: string): Promise<EpochMs>

  /** The newest CHECKPOINT that begins what must be read to fold the stream; with `before` the newest below that revision. */
  latestCheckpoint(stream: string, before?: Revision): Promise<RecordedEvent<'CHECKPOINT'> | null>

  /**
   * Moves everything before the CHECKPOINT at this revision into the archive, in one step: others see the log either
   * whole or cut, and an interrupted call has done nothing or all. Writers go on meanwhile. Cutting where it was cut
   * already, or before, changes nothing. `invalid` when there is no CHECKPOINT at that revision.
   */
  compact(stream: string, checkpoint: Revision): Promise<CompactResult>

  /**
   * The archive, oldest first, up to where the log begins; what was dropped is not in it. `corrupt` for a piece that is
   * not what was archived. Archive and log together: `readHistory`.
   */
  readArchive(stream: string, options?: ArchiveReadOptions): AsyncIterable<readonly LogEntry[]>

  archive(stream: string): Promise<ArchiveSummary>

  /**
   * Removes, for good, the archived history that lies before a CHECKPOINT and is older than `before`, whole pieces
   * only; what is left begins with that CHECKPOINT. Answers with what is there then. The log is never touched.
   */
  dropArchive(stream: string, before: EpochMs): Promise<ArchiveSummary>

  /** Snapshot cache: may lose everything at any time. `loadSnapshot` gives null for anything damaged or foreign. */
  loadSnapshot(stream: string, key: SnapshotKey): Promise<Snapshot | null>
  saveSnapshot(stream: string, snapshot: Snapshot): Promise<void>

  /** Checks what only the store can see: chain of hashes, witness, contiguous revisions. Reads everything. */
  check(stream: string): Promise<readonly StoreCheck[]>

  /**
   * Writes the store as of one moment into a new file, while others work, and marks it: it opens for reading only until
   * it is restored. Stores that cannot do this have their own means, and no such method. Aborted before the file has its
   * name, it leaves nothing and rejects with the signal's reason.
   */
  readonly backup?:
    | ((file: string, options?: { readonly signal?: AbortSignal | undefined }) => Promise<BackupReport>)
    | undefined

  /** Names of the ledgers that it holds; side streams are part of theirs. Absent: the store cannot list them. */
  readonly ledgers?: (() => Promise<readonly string[]>) | undefined

  /** Absent: the store can only be read from one end to the other. */
  readonly past?: HistoryAccess | undefined

  /** CHECKPOINTs of the log whose states were begun beside it and not sealed, newest first. Absent: the store has none. */
  readonly unsealed?: (stream: string) => Promise<readonly UnsealedState[]>

  /** Releases everything; operations under way settle first or reject with `unavailable`. Idempotent. */
  close(): Promise<void>
}
