import type { Lease } from '@holdfast/core'
import type { BootClock } from '@holdfast/store'
import type { Timers } from '../clock/timers.ts'
import type { ProcessProbe } from '../process/probe.ts'
import type { Effect } from './claimed-work.ts'
import type { FailedWork, Gate } from './reap-unit.ts'
import type { ReapAction } from './reaper-status.ts'
import type { SpinningJudge } from './spinning.ts'

export interface ReaperOptions {
  /** Under which name leases are claimed; must be this reaper's alone. */
  readonly holder: string
  /** Asked whether work that ended with 0 was good. */
  readonly gate?: Gate | undefined
  readonly onReaped?: Effect | undefined
  /**
   * Hears of work that ended as `failed`, after that was recorded: at most once, and not at all when the reaper dies in
   * between. Who must miss none takes `onReaped`, which is told the disposition. What it throws is counted and told.
   */
  readonly onFailed?: ((failed: FailedWork) => void | Promise<void>) | undefined
  /** Hears of every action as it ends, `left` included; must not throw. */
  readonly onAction?: ((action: ReapAction) => void) | undefined
  /** Whether a lease's run beats without progress; a spinning one is proposed for a HALT. Default: nobody looks. */
  readonly spinning?: SpinningJudge | undefined
  /**
   * Whether a proposed HALT is recorded, which `run` obeys, and which every holder hears of. Default false: it is told,
   * and somebody decides. A reaper enacts it in no case.
   */
  readonly haltSpinning?: boolean | undefined
  /** Whether the work has moved on by itself, so that an exit of 0 needs no effect. */
  readonly alreadyAdvanced?: ((lease: Lease) => boolean | Promise<boolean>) | undefined
  /** Whole milliseconds between two ticks, from 1 to a day; default 15 s. */
  readonly intervalMs?: number | undefined
  /** The kill switch: a disabled reaper ticks and touches nothing. */
  readonly enabled?: boolean | undefined
  /** Plans and explains, and writes nothing. */
  readonly dryRun?: boolean | undefined
  readonly probe?: ProcessProbe | undefined
  readonly timers?: Timers | undefined
  readonly boot?: BootClock | undefined
  /** A number in [0, 1) for the jitter. */
  readonly random?: (() => number) | undefined
}
