export { systemBootClock, type BootClock, type BootOrigin } from './boot-clock.ts'
export { commitByAppend, type AppendingStore, type CommitByAppendOptions } from './commit-by-append.ts'
export { StoreError, type StoreErrorCode } from './errors.ts'
export { followHistory } from './follow-history.ts'
export type { HistoryAccess, HistoryPiece, KeptMarks, KeptPast, KeptState } from './history-access.ts'
export { openStore, type OpenStoreOptions } from './open-store.ts'
export type {
  AppendResult,
  ArchiveReadOptions,
  ArchiveSummary,
  BackupReport,
  CommitDecider,
  CommitResult,
  CommitView,
  CompactResult,
  ExpectedHead,
  Head,
  HistorySpan,
  LogStore,
  NewEvent,
  ReadOptions,
  RecordedPlace,
  Snapshot,
  SnapshotKey,
  StoreCheck,
  SubscriptionItem,
  UnsealedState,
} from './port.ts'
export { readHistory } from './read-history.ts'
