import type { Timers } from '@holdfast/engine'
import type { Notice } from './notice.ts'

/** How one try to tell a notice ended. */
export type Delivery =
  | { readonly outcome: 'told'; readonly detail: string }
  /** It may go better later. `retryAfterMs`: not before, as the receiver says. */
  | { readonly outcome: 'failed'; readonly detail: string; readonly retryAfterMs?: number | undefined }
  /** Another try would end the same. */
  | { readonly outcome: 'refused'; readonly detail: string }

export interface Try {
  readonly timers: Timers
  readonly limitMs: number
  /** Ends the try at once. */
  readonly signal: AbortSignal
}

/** A way to tell somebody. Never rejects. */
export type Deliver = (notice: Notice, options: Try) => Promise<Delivery>
