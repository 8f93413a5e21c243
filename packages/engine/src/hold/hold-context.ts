import type { HaltEntry } from '@holdfast/core'
import type { BootClock } from '@holdfast/store'
import type { Timers } from '../clock/timers.ts'
import type { Commands } from '../ledger/commands.ts'
import type { HeartbeatRequest } from '../pipeline/requests.ts'

/** What a held lease needs of its ledger. */
export interface HoldContext {
  readonly commands: Commands
  /** How its requests are read. */
  readonly ledger: { readonly caseSensitive: boolean }
  readonly timers: Timers
  readonly boot: BootClock
  /** When to beat instead of at `atBootMs`: never later, and together with others where there are many. */
  readonly aligned: (atBootMs: number, beatEveryMs: number) => number
  /** Called once, when the handle needs to hear of the log no more. */
  readonly forget: () => void
}

/** What a beat may carry beyond being one. */
export type BeatDetails = Pick<HeartbeatRequest, 'progress' | 'exit' | 'children' | 'metadata' | 'causation'>

/** What is known of a HALT that asks the holder to stop. It is no loss: the lease lives until it is released. */
export type HaltRequested = Pick<HaltEntry, 'eventId' | 'handle' | 'reason' | 'command'>
