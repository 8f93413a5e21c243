import type { ProcessIdentity } from '@holdfast/core'

/** Who asks for something, through whichever door. */
export interface Asker {
  /** Recorded as the actor. `null`: no process that anybody could look at. */
  readonly actor: ProcessIdentity | null
  /** Aborts when there is nobody any more to hear the answer. */
  readonly gone: AbortSignal
  /** Whether it still may ask, looked at when it is decided; absent: it may. */
  readonly stillMay?: (() => boolean) | undefined
}
