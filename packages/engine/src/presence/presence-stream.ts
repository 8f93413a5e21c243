import { Observable } from 'rxjs'
import { checkObject, checkOptions } from '../check-given.ts'
import { systemTimers, type Timers } from '../clock/timers.ts'
import { parseDuration, type DurationInput } from '../duration.ts'
import type { PresenceScan, PresenceScanner } from './presence-scanner.ts'

/** Pause between two scans, unless the caller says otherwise. */
export const PRESENCE_INTERVAL_MS = 30_000

/** Shortest pause between two scans. */
export const PRESENCE_INTERVAL_MIN_MS = 100

/**
 * A scan at once, then one each interval after the last has ended, so that scans never overlap. Cold: each subscriber
 * scans for itself, until it unsubscribes. A folder that cannot be listed ends it with the PresenceError; `retry` goes
 * on. Kept apart from `PresenceScanner`, so that a command that only scans does not load RxJS.
 *
 * @throws InputError when the interval is no duration.
 */
export function presence$(
  scanner: Pick<PresenceScanner, 'scan'>,
  options: { readonly interval?: DurationInput | undefined; readonly timers?: Timers | undefined } = {},
): Observable<PresenceScan> {
  checkObject(scanner, 'scanner')
  checkOptions(options, { timers: 'object' })
  const requestedMs = parseDuration(options.interval ?? PRESENCE_INTERVAL_MS, 'interval')
  const intervalMs = Math.max(requestedMs, PRESENCE_INTERVAL_MIN_MS)
  const timers = options.timers ?? systemTimers
  return new Observable(subscriber => {
    const look = async (): Promise<void> => {
      try {
        subscriber.next(await scanner.scan())
      } catch (error) {
        subscriber.error(error)
      }
      if (!subscriber.closed) cancel = timers.after(intervalMs, () => void look())
    }
    let cancel = (): void => {}
    void look()
    return () => cancel()
  })
}
