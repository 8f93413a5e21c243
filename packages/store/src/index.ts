export { INLINE_STATE_BYTES_MAX } from './checkpoint-parts.ts'
export { withWholeStates } from './beside/whole-states.ts'
export { isBeside, sideStreamOf } from './beside/side-state.ts'
export { writeState, type StateBeside } from './beside/write-state.ts'
export {
  BOOT_STEP_MS,
  ORIGIN_TOLERANCE_MS,
  sameOrigin,
  systemBootClock,
  type BootClock,
  type BootOrigin,
} from './boot-clock.ts'
export { commitByAppend, type AppendingStore, type CommitByAppendOptions } from './commit-by-append.ts'
export { continuesAt, GoesOn } from './continues-at.ts'
export { remainingMs, withinDeadline, withoutDeadline } from './deadline.ts'
export { bytesOf } from './encode-event.ts'
export { StoreError, type StoreErrorCode } from './errors.ts'
export { followHistory } from './follow-history.ts'
export type { HistoryAccess, HistoryPiece, KeptMarks, KeptPast, KeptState } from './history-access.ts'
export { historyLength } from './history-length.ts'
export { openStore, storeUrlOf, type OpenStoreOptions } from './open-store.ts'
export {
  APPEND_BYTES_MAX,
  COMMIT_TAIL_MAX,
  EVENT_BYTES_MAX,
  type AppendResult,
  type ArchiveReadOptions,
  type ArchiveSummary,
  type BackupReport,
  type CommitDecider,
  type CommitResult,
  type CommitView,
  type CompactResult,
  type ExpectedHead,
  type Head,
  type HistorySpan,
  type LogStore,
  type NewEvent,
  type ReadOptions,
  type RecordedPlace,
  type Snapshot,
  type SnapshotKey,
  type StoreCheck,
  type SubscriptionItem,
  type UnsealedState,
} from './port.ts'
export { readHistory } from './read-history.ts'
export { putSmallFile, readSmallFile } from './small-file.ts'
export { openBeside } from './sqlite/side-file.ts'
export { isSeenByGit } from './sqlite/ignore-in-git.ts'
export { sqliteUrl } from './sqlite.ts'
export { checkStreamName, STREAM_NAME_LENGTH_MAX } from './stream-name.ts'
