import type { LedgerState, LogEntry } from '@holdfast/core'
import type { LedgerCheck } from './ledger-check.ts'

/** Looks at each entry of a log together with the state around it, and says in the end what it found. Keeps little. */
export interface Audit {
  /** `state` is the fold of everything before `entry`. */
  before?(state: LedgerState, entry: LogEntry): void
  /** `state` is the fold up to and with `entry`. */
  after?(state: LedgerState, entry: LogEntry): void
  checks(): readonly LedgerCheck[]
}
