import { decisionTime } from '@holdfast/core'
import type { LogStore } from '@holdfast/store'
import type { Folded } from '../queries.ts'
import type { LivenessView } from './lease-liveness.ts'
import type { LivenessPorts } from './liveness-ports.ts'
import { DEFAULT_LIVENESS_SETTINGS, type LivenessSettings } from './liveness-settings.ts'
import { lookAtLiveness } from './look-at-liveness.ts'
import { WorkWindow } from './work-window.ts'

export interface QueryLivenessOptions extends LivenessPorts {
  /** Default `DEFAULT_LIVENESS_SETTINGS`. */
  readonly settings?: LivenessSettings | undefined
}

/**
 * Whether each live lease is moving, now on the log clock, and what is to stop or start. Reads the log of the progress
 * window beside the fold; work that was compacted away within the window is not counted. Rejects with a `StoreError`,
 * or with the error of a port.
 */
export async function queryLiveness(
  store: LogStore,
  stream: string,
  { state }: Folded,
  options: QueryLivenessOptions = {},
): Promise<LivenessView> {
  const { settings = DEFAULT_LIVENESS_SETTINGS, ...ports } = options
  const nowMs = decisionTime(state, await store.now(stream))
  const window = await WorkWindow.load(store, stream, state, nowMs - settings.progressWindowMs)
  const { view } = await lookAtLiveness(state, nowMs, { settings, ports, window })
  return view
}
