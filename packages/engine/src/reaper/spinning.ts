import type { EpochMs, Lease, LeaseId, LedgerState, ReapProgress, Token } from '@holdfast/core'
import { DEFAULT_LIVENESS_SETTINGS, type LeaseLiveness, type LivenessSettings } from '@holdfast/projections'
import { queryLeaseLiveness } from '@holdfast/projections/internal'
import { checkList, checkOptions } from '../check-given.ts'
import { gatherProgress, type GatheredProgress } from '../progress/gather-progress.ts'
import type { ProgressKind, ProgressProbe } from '../progress/progress-probe.ts'
import type { ProcessProbe } from '../process/probe.ts'

/** Readings are used again for this part of the progress window: walking a tree costs more than a tick. */
const READING_LASTS_PART = 1 / 30

/** Whether a lease's run beats without progress, and what that was judged from. */
export interface SpinningReading {
  readonly spinning: boolean
  readonly progress: ReapProgress
}

/** Asked about each live lease at each tick, on the log clock. */
export type SpinningJudge = (
  lease: Lease,
  at: { readonly state: LedgerState; readonly nowMs: EpochMs },
) => SpinningReading | Promise<SpinningReading>

export interface SpinningOptions {
  /** When a run counts as spinning; default `DEFAULT_LIVENESS_SETTINGS`. */
  readonly settings?: LivenessSettings | undefined
  /** Where work shows beside the log. Without one nothing is ever called spinning. */
  readonly probes: readonly ProgressProbe[]
  /** Whether a holder's process runs: one that is gone does not spin. Default: unknown. */
  readonly probe?: ProcessProbe | undefined
  /** Wall clock in ms, by which files and commits are dated; default `Date.now`. */
  readonly wallMs?: (() => number) | undefined
}

/**
 * Judges by the verdict of `liveness`. The probes are asked only about a run that the log alone would call spinning.
 * What cannot be told is no absence of work: a single probe that cannot tell, or a lease that no probe can speak of,
 * makes nothing of it. A probe of files has nothing to say of a lease without a region.
 */
export function spinningJudge(options: SpinningOptions): SpinningJudge {
  checkOptions(options, { settings: 'object', probe: 'function', wallMs: 'function' })
  checkList(options.probes, 'probes')
  const { settings = DEFAULT_LIVENESS_SETTINGS, probes, probe, wallMs = Date.now } = options
  const readings = new Readings(settings.progressWindowMs * READING_LASTS_PART)
  return async (lease, { state, nowMs }) => {
    const byLog = await queryLeaseLiveness({ state }, lease, nowMs, { settings, probe })
    const { runStartedMs, workEventsSinceStart: events } = byLog.evidence
    const sinceMs = Math.max(runStartedMs, nowMs - settings.progressWindowMs)
    if (byLog.verdict !== 'SPINNING') {
      return {
        spinning: false,
        progress: { ...foundIn(byLog), sinceMs, events, commits: null, files: null, unknown: [] },
      }
    }
    const asked = probes.filter(({ kind }) => kind !== 'files' || lease.region.length > 0)
    // Files and commits are dated by this host, so the span counts and not the instants.
    const { region, runId, workTree } = lease
    const query = { region, runId, workTree, sinceMs: wallMs() - (nowMs - sinceMs) }
    const found = await readings.get(lease, { nowMs, state, read: () => gatherProgress(asked, query) })
    const judged = await queryLeaseLiveness({ state }, lease, nowMs, {
      settings,
      probe,
      progress: () => ({ commits: found.commits, files: found.files + found.events }),
    })
    const { verdict, basis } = foundIn(judged)
    const unknown = found.unknown.map(({ probe: name, detail }) => `${name}: ${detail}`)
    const counts = { commits: countOf('commits', asked, found), files: countOf('files', asked, found) }
    const spinning = verdict === 'SPINNING' && unknown.length === 0 && asked.length > 0
    return { spinning, progress: { verdict, basis, sinceMs, events, ...counts, unknown } }
  }
}

/** What was found, however much could be looked at: the readings say beside it what is not known. */
function foundIn({
  verdict,
  basis,
}: Pick<LeaseLiveness, 'verdict' | 'basis'>): Pick<ReapProgress, 'verdict' | 'basis'> {
  return verdict === 'UNKNOWN' || basis === 'delta-unknown'
    ? { verdict: 'SPINNING', basis: 'no-delta' }
    : { verdict, basis }
}

/** `null` when nobody who could have told has told. */
function countOf(
  kind: Exclude<ProgressKind, 'events'>,
  asked: readonly ProgressProbe[],
  found: GatheredProgress,
): number | null {
  const silent = new Set(found.unknown.map(({ probe }) => probe))
  return asked.some(probe => probe.kind === kind && !silent.has(probe.name)) ? found[kind] : null
}

/** The newest reading of each live lease. */
class Readings {
  readonly #lastsMs: number
  readonly #newest = new Map<LeaseId, { token: Token; atMs: EpochMs; found: GatheredProgress }>()

  constructor(lastsMs: number) {
    this.#lastsMs = lastsMs
  }

  async get(
    { leaseId, token }: Lease,
    at: { readonly nowMs: EpochMs; readonly state: LedgerState; readonly read: () => Promise<GatheredProgress> },
  ): Promise<GatheredProgress> {
    const known = this.#newest.get(leaseId)
    if (known?.token === token && at.nowMs - known.atMs < this.#lastsMs) return known.found
    for (const other of this.#newest.keys()) if (!at.state.leases.has(other)) this.#newest.delete(other)
    const found = await at.read()
    this.#newest.set(leaseId, { token, atMs: at.nowMs, found })
    return found
  }
}
