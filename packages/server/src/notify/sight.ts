import type { LedgerState } from '@holdfast/core'
import { decisionTime } from '@holdfast/core/internal'
import { spinningJudge, systemProbe, type ProcessProbe, type ProgressProbe, type SpinningJudge } from '@holdfast/engine'
import { DEFAULT_LIVENESS_SETTINGS, type LivenessSettings } from '@holdfast/projections'
import { lookAtLiveness } from '@holdfast/projections/internal'
import type { LogStore } from '@holdfast/store'
import type { Sight } from './conditions.ts'

export interface LookoutOptions {
  readonly settings?: LivenessSettings | undefined
  readonly probe?: ProcessProbe | undefined
  /** Where work shows beside the log. Without one, or where no rule asks for it, nothing is ever told to spin. */
  readonly probes: readonly ProgressProbe[]
}

/** Looks at a ledger: at its log, the time, the processes, and for a run that seems to spin at what it works on. */
export class Lookout {
  readonly #settings: LivenessSettings
  readonly #probe: ProcessProbe
  readonly #judge: SpinningJudge | null

  constructor({ settings = DEFAULT_LIVENESS_SETTINGS, probe = systemProbe, probes }: LookoutOptions) {
    this.#settings = settings
    this.#probe = probe
    this.#judge = probes.length === 0 ? null : spinningJudge({ settings, probes, probe })
  }

  /** `state` must not be folded on meanwhile. Rejects as the store and the probes do. */
  async look(store: LogStore, stream: string, state: LedgerState): Promise<Sight> {
    const nowMs = decisionTime(state, await store.now(stream))
    const ports = { probe: this.#probe }
    const { view } = await lookAtLiveness(state, nowMs, { settings: this.#settings, ports })
    const idle = new Map<string, 'yes' | 'no' | 'unknown'>()
    for (const { leaseId, verdict } of view.leases) {
      const lease = state.leases.get(leaseId)
      if (verdict !== 'SPINNING' || this.#judge === null || lease === undefined) continue
      const { spinning, progress } = await this.#judge(lease, { state, nowMs })
      const isKnown = progress.unknown.length === 0 && (progress.files !== null || progress.commits !== null)
      idle.set(leaseId, spinning ? 'yes' : isKnown ? 'no' : 'unknown')
    }
    return { nowMs, leases: view.leases, halts: view.halts, idle }
  }
}
