import type { Timers } from '@holdfast/projections/streams'
import { withoutDeadline } from '@holdfast/store/internal'

export type { Timers }

/** Longest span that the platform's timer takes; longer ones are cut and started again. */
const PLATFORM_SPAN_MAX_MS = 2 ** 31 - 1

/** The platform's timers. What runs later has no part in the deadline under which it was begun. */
export const systemTimers: Timers = {
  after(spanMs, run, options) {
    let timer: NodeJS.Timeout
    const start = (leftMs: number): void => {
      const stepMs = Math.min(Math.max(0, leftMs), PLATFORM_SPAN_MAX_MS)
      timer = setTimeout(() => {
        if (leftMs > stepMs) start(leftMs - stepMs)
        else withoutDeadline(run)
      }, stepMs)
      if (options?.background === true) timer.unref()
    }
    start(spanMs)
    return () => clearTimeout(timer)
  },
}

/** Settles after `spanMs`, or at once when `signal` aborts; never rejects. */
export function pause(timers: Timers, spanMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted === true) {
      resolve()
      return
    }
    const done = (): void => {
      cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const cancel = timers.after(spanMs, done)
    signal?.addEventListener('abort', done, { once: true })
  })
}
