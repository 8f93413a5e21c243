import type { Lease } from '@holdfast/core'
import { pause } from '../clock/timers.ts'
import type { HoldContext } from './hold-context.ts'

/** Longest pause between two looks at what drains over the lease. */
const DRAIN_LOOK_MAX_MS = 1000

/**
 * Waits until nothing drains over a lease any more: until the time of every older holder is over (on the own clock too,
 * where the log clock can step), or they have said that they stopped. `demand` gives the handle and throws when it has lost the lease.
 */
export async function untilDrained(
  { commands, timers }: HoldContext,
  demand: () => { readonly lease: Lease; readonly signal: AbortSignal },
): Promise<void> {
  for (;;) {
    const { lease, signal } = demand()
    const { nowMs, untilMs } = await commands.drains(lease)
    if (untilMs === null) return
    await pause(timers, Math.max(1, Math.min(untilMs - nowMs, DRAIN_LOOK_MAX_MS)), signal)
  }
}
