import type { LogStore } from '@holdfast/store'
import { concatMap, defer, distinctUntilChanged, type Observable } from 'rxjs'
import type { LeaseLiveness, LivenessView } from '../liveness/lease-liveness.ts'
import type { LivenessPorts } from '../liveness/liveness-ports.ts'
import { DEFAULT_LIVENESS_SETTINGS, type LivenessSettings } from '../liveness/liveness-settings.ts'
import { lookAtLiveness } from '../liveness/look-at-liveness.ts'
import { earliestAfter } from './earliest-after.ts'
import { watch$, type Watching, type WatchOptions } from './watch.ts'

/** How often ports are asked when nothing else happens: they notice what no event and no boundary tells. */
export const PORTS_REFRESH_MS = 1000

export interface LivenessOptions extends WatchOptions, LivenessPorts {
  /** Default `DEFAULT_LIVENESS_SETTINGS`. */
  readonly settings?: LivenessSettings | undefined
  /** Default `PORTS_REFRESH_MS`; without ports it has no meaning. */
  readonly refreshMs?: number | undefined
}

/**
 * Everything that moves or should: live leases with their verdicts, stop and start intents. Once with what is there,
 * then whenever something of it changes: by an event, by time alone (a beat grows old, a grace ends, work falls out of
 * the window, a HALT is overdue), or by what the ports say. Ages alone make no emission.
 *
 * Errors are `StoreError`s or those of a port. Unsubscribing frees subscription and timer at once.
 */
export function livenessView$(store: LogStore, stream: string, options: LivenessOptions): Observable<LivenessView> {
  return watch$(store, stream, () => watching(options), options).pipe(
    distinctUntilChanged((before, now) => signature(before) === signature(now)),
  )
}

/** The leases of `livenessView$` one by one, each whenever something of it changes. That one is gone is not told. */
export function liveness$(store: LogStore, stream: string, options: LivenessOptions): Observable<LeaseLiveness> {
  return livenessView$(store, stream, options).pipe(changedLeases)
}

function watching(options: LivenessOptions): Watching<LivenessView> {
  const { settings = DEFAULT_LIVENESS_SETTINGS, refreshMs = PORTS_REFRESH_MS, probe, progress } = options
  const ports = { probe, progress }
  const asks = probe !== undefined || progress !== undefined
  return {
    touches: ({ type }) => type !== 'REFUSE' && type !== 'UNRECOGNISED',
    look: async ({ state }, nowMs) => {
      const { view, boundariesMs } = await lookAtLiveness(state, nowMs, { settings, ports })
      const refresh = asks && view.leases.length > 0 ? [nowMs + refreshMs] : []
      return { view, changesAtMs: earliestAfter(nowMs, [...boundariesMs, ...refresh]) }
    },
  }
}

function changedLeases(views: Observable<LivenessView>): Observable<LeaseLiveness> {
  return defer(() => {
    let shown = new Map<string, string>()
    return views.pipe(
      concatMap(({ leases }) => {
        const before = shown
        shown = new Map(leases.map(lease => [lease.leaseId, leaseSignature(lease)]))
        return leases.filter(({ leaseId }) => before.get(leaseId) !== shown.get(leaseId))
      }),
    )
  })
}

function signature({ leases, halts, spawning, waiting }: LivenessView): string {
  return JSON.stringify([leases.map(leaseSignature), halts, spawning, waiting])
}

/** All but what grows with time: ages in the evidence and the sentence that repeats them. */
function leaseSignature({ evidence: _, reason: __, ...lasting }: LeaseLiveness): string {
  return JSON.stringify(lasting)
}
