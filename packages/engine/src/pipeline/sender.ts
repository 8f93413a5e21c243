import type { ProcessIdentity } from '@holdfast/core'
import type { Head } from '@holdfast/store'

/** What a command may be given besides. */
export interface CommandOptions {
  /** A W3C `traceparent`: the trace that the command belongs to, recorded with its events. */
  readonly traceparent?: string | undefined
}

/** On whose behalf a command is decided, and what makes sure that it is done once. */
export interface Sender extends CommandOptions {
  /** Recorded as the actor; absent: the pipeline's own. */
  readonly actor?: ProcessIdentity | null | undefined
  /**
   * The newest revision that the sender knew before it first sent the command: if the command was done elsewhere meanwhile,
   * its events stand after it. Absent: it is sent once, and to nobody else.
   */
  readonly sentAfter?: Head | undefined
  /**
   * An instant before the first sending, on the boot clock of the pipeline: what stood in the log by then is none of its
   * events. A sender who has been silent for long knows an old revision only.
   */
  readonly sentAtBootMs?: number | undefined
  /** Whether there is nobody any more to hear the answer: then nothing is decided. */
  readonly isGone?: (() => boolean) | undefined
}
