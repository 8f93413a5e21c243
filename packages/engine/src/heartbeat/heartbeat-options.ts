import type { Timers } from '../clock/timers.ts'
import type { Beat, BeatMetadata } from './beat.ts'
import type { BeatSink } from './beat-sink.ts'
import type { BeatCounts } from './beat-writer.ts'
import type { CallbackStats } from './callback-slot.ts'
import type { HeartbeatError } from './heartbeat-error.ts'
import type { HeartbeatPolicy } from './heartbeat-policy.ts'

/** Something that a heartbeat watches. A look that throws counts as a failure, never as a death. */
export interface HeartbeatTarget {
  isDead(): boolean | Promise<boolean>
}

/**
 * Called by the loop, each sync or async. None overlaps itself, none delays a beat, and one that throws or rejects is
 * counted in `stats` and called again next time. Of calls that come while one runs, only the newest is kept.
 */
export interface HeartbeatCallbacks {
  /** After each written beat of the loop; manual ones answer their caller. */
  readonly onBeat?: ((beat: Beat) => void | Promise<void>) | undefined
  /** After each beat of the loop that the sink refused, or was too slow for. */
  readonly onMissedBeat?: ((error: HeartbeatError) => void | Promise<void>) | undefined
  /** When the target is found dead, on channel `heartbeat`, with how many looks in a row found it so. */
  readonly onAlert?: ((channel: string, message: string, context: BeatMetadata) => void | Promise<void>) | undefined
  /** At each look that finds the target dead, so that a failed recovery is tried again. */
  readonly onTargetDead?: (() => void | Promise<void>) | undefined
}

export interface HeartbeatOptions extends HeartbeatCallbacks {
  readonly sink: BeatSink
  /** Default: every 10 s. */
  readonly policy?: HeartbeatPolicy | undefined
  readonly target?: HeartbeatTarget | undefined
  /** Goes with each beat; a function is asked each time. */
  readonly metadata?: BeatMetadata | (() => BeatMetadata) | undefined
  /** Shuts the heartbeat down when it aborts. */
  readonly signal?: AbortSignal | undefined
  /** Whether the loop keeps the process alive; default false. */
  readonly keepAlive?: boolean | undefined
  readonly timers?: Timers | undefined
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly wallMs?: (() => number) | undefined
}

export type CallbackName = 'onBeat' | 'onMissedBeat' | 'onAlert' | 'onTargetDead' | 'isDead'

export interface HeartbeatStats extends BeatCounts {
  /** Looks in a row that found the target dead. */
  readonly deadLooks: number
  readonly callbacks: Readonly<Record<CallbackName, CallbackStats>>
}

/** `unfinished`: what still ran when `stop` had waited one interval and a second. */
export interface StopReport {
  readonly outcome: 'stopped' | 'not-running'
  readonly unfinished: readonly (CallbackName | 'beat')[]
}
