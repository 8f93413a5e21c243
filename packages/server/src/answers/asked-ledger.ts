import type { EpochMs, LedgerId, OwnClock, ProcessIdentity, WorkTree } from '@holdfast/core'
import type { LedgerFold } from '@holdfast/projections'
import type { LogStore } from '@holdfast/store'
import type { CommandLines } from './command-lines.ts'

/** A ledger as it is asked, from where and by whom. */
export interface AskedLedger {
  readonly store: LogStore
  readonly stream: string
  readonly at: { readonly ledgerId: LedgerId; readonly head: number }
  readonly fold: Pick<LedgerFold, 'state'>
  /** The log clock. */
  readonly nowMs: EpochMs
  /** Where the log clock can step: what the asker has watched. */
  readonly ownClock: OwnClock | undefined
  readonly typed: CommandLines
  /** The work tree that it is asked in; `null`: unknown. */
  readonly workTree: WorkTree | null
  /** The holder who asks; `null`: not said. */
  readonly asker: string | null
  /** The machine that is asked on. */
  readonly here: Pick<ProcessIdentity, 'host' | 'pidNamespace'> | null
}
