// What operators do to a whole ledger. Apart from the rest, so that one-shot commands do not load it.
export { checkMovable } from './check-movable.ts'
export { compactLedger, type CompactOptions, type KeepLast } from './compact-ledger.ts'
export {
  checkJournal,
  importDosJournal,
  type CheckedJournal,
  type JournalImportOptions,
  type JournalImportReport,
} from './dos-journal/import-dos-journal.ts'
export { JOURNAL_FAULTS_MAX, type JournalFault } from './dos-journal/journal-writer.ts'
export type { JournalDelta, JournalSpan } from './dos-journal/journal-deltas.ts'
export { EXPORT_FORMAT, ExportEvent, ExportHeader, exportLineJsonSchema, ExportTrailer } from './export-format.ts'
export { exportArchive, exportLedger, type ExportPiece } from './export-ledger.ts'
export { checkExport, importHoldfast, type CheckedExport, type ImportReport } from './import-holdfast.ts'
export { moveLedger, type MoveOptions, type MoveReport } from './move-ledger.ts'
export { whereItLeads } from '../where-it-leads.ts'
export { restoreBackup, RESTORE_STEP, type RestoredLedger, type RestoreOptions } from './restore-ledger.ts'
export type { OnProgress, WorkProgress } from './work-progress.ts'
