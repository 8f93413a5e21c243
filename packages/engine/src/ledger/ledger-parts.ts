import type { WorkTree } from '@holdfast/core'
import type { BootClock, LogStore } from '@holdfast/store'
import type { Timers } from '../clock/timers.ts'
import type { PipelineOptions } from '../pipeline/pipeline.ts'
import type { WatchedFold } from '../pipeline/watched-fold.ts'
import type { SentBefore } from '../served/sent-before.ts'
import type { Commands, DecidedHere } from './commands.ts'

/** What a ledger object works with. */
export interface LedgerParts {
  readonly store: LogStore
  readonly stream: string
  readonly fold: WatchedFold
  readonly boot: BootClock
  readonly timers: Timers
  /** As it is recorded: the process, and the trace that it works for. */
  readonly actor: PipelineOptions['actor']
  /** The same without its trace: what a lease is bound to. */
  readonly process: PipelineOptions['actor']
  readonly workTree: WorkTree | null
  readonly probe: PipelineOptions['probe']
  readonly queueMax?: number | undefined
  /** A command that a server was asked for before. What this ledger object is asked for is that command again. */
  readonly sentBefore?: SentBefore | undefined
  /** Whether opening it has made it. */
  readonly made: boolean
  /** Where its commands go instead of to its own pipeline, which they come back to when need be. */
  readonly through?: ((own: DecidedHere) => Commands) | undefined
}
