import type { Lease, ReapPlan } from '@holdfast/core'
import type { BootClock } from '@holdfast/store'
import type { Timers } from '../clock/timers.ts'
import type { ProcessProbe } from '../process/probe.ts'
import type { Effect } from './claimed-work.ts'
import type { Gate } from './reap-unit.ts'
import type { ReapAction } from './reaper-status.ts'

export interface ReaperOptions {
  /** Under which name leases are claimed; must be this reaper's alone. */
  readonly holder: string
  /** Asked whether work that ended with 0 was good. */
  readonly gate?: Gate | undefined
  readonly onReaped?: Effect | undefined
  /** Hears of work that ended as `failed`. */
  readonly onFailed?: ((lease: Lease, plan: ReapPlan) => void | Promise<void>) | undefined
  /** Hears of every action as it ends, `left` included; must not throw. */
  readonly onAction?: ((action: ReapAction) => void) | undefined
  /** Whether a lease's run beats without progress; a spinning one is proposed for a HALT. */
  readonly spinning?: ((lease: Lease, nowMs: number) => boolean | Promise<boolean>) | undefined
  /** Whether the work has moved on by itself, so that an exit of 0 needs no effect. */
  readonly alreadyAdvanced?: ((lease: Lease) => boolean | Promise<boolean>) | undefined
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
