export { LedgerFold } from './ledger-fold.ts'
export { FOLD_VERSION, loadLedger, SNAPSHOT_AFTER_EVENTS } from './load-ledger.ts'
