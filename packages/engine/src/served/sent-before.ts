import type { CommandId, LedgerId } from '@holdfast/core'
import type { Head } from '@holdfast/store'

/** A command that a server was asked for and whose answer was lost: it may have been done, or not. */
export interface SentBefore {
  readonly ledgerId: LedgerId
  readonly commandId: CommandId
  /** The newest revision that was known before it was sent. */
  readonly sentAfter: Head
}
