import { conflictBetween, livesAlone, type Covering } from '../admission/conflict.ts'
import { isLeaseSpanBound, leaseSpanBoundMs, leaseSpanMs, type Configuration } from '../configuration.ts'
import type { EpochMs, Lane, LeaseId } from '../ids.ts'
import { isSameLane } from '../state/lane-key.ts'
import { liveLeases, type LedgerState } from '../state/ledger-state.ts'
import { countedTimes } from '../time/counted-times.ts'
import { drainingAt } from '../time/draining-at.ts'
import type { Moment } from '../time/own-clock.ts'
import type { ConfigurationContradiction } from './outcome.ts'

/** What in the state a new configuration would contradict; nothing where it may be set. */
export function contradictions(
  state: LedgerState,
  config: Configuration,
  moment: Moment,
): ConfigurationContradiction[] {
  const faults: ConfigurationContradiction[] = []
  if (config.caseSensitive !== state.config.caseSensitive) {
    faults.push({ path: 'caseSensitive', message: 'case folding is fixed at genesis' })
  }
  faults.push(...unbounded(state, config))
  const added = config.exclusiveLanes.filter(lane => !livesAlone(lane, state.config))
  if (added.length === 0) return faults
  const believed = believedAt(state, moment)
  return [...faults, ...added.flatMap(lane => besideLane(lane, believed, { present: state.config, config }))]
}

/** The bound that stands after a configuration that names none: the one that is there, or for an older ledger a first one. */
export function boundAfter({ config: present }: LedgerState, config: Configuration): number {
  const boundMs = leaseSpanBoundMs(present)
  return isLeaseSpanBound(present) ? boundMs : Math.max(boundMs, leaseSpanMs(config))
}

function unbounded({ config: present }: LedgerState, config: Configuration): ConfigurationContradiction[] {
  if (!isLeaseSpanBound(present)) return []
  const boundMs = leaseSpanBoundMs(present)
  if (config.leaseSpanBoundMs !== undefined && config.leaseSpanBoundMs !== boundMs) {
    const message = `the bound of ${boundMs} ms is fixed at genesis: a restored ledger drains for as long; leave it as it is`
    return [{ path: 'leaseSpanBoundMs', message }]
  }
  const faults: ConfigurationContradiction[] = []
  for (const path of ['ttlCeilingMs', 'activityCapMs'] as const) {
    if (config[path] <= boundMs) continue
    const message =
      `${config[path]} ms is above the ledger's leaseSpanBoundMs of ${boundMs} ms, which is fixed at genesis (a restored ` +
      `ledger drains for as long); set at most that, or make a new ledger with a higher bound`
    faults.push({ path, message })
  }
  return faults
}

/** A lease that its holder may believe in: live, or ended without him and draining. */
interface Believed extends Covering {
  readonly leaseId: LeaseId
  readonly drains: boolean
  readonly untilMs: number
}

function believedAt(state: LedgerState, moment: Moment): Believed[] {
  const live = liveLeases(state).map(lease => ({
    ...lease,
    drains: false,
    untilMs: countedTimes(state, lease, moment).expiresAtMs,
  }))
  return [...live, ...[...drainingAt(state, moment)].map(entry => ({ ...entry, drains: true }))]
}

/**
 * What a lane that becomes exclusive would have beside what is believed in on it. Two that are live, or
 * one of them, or both draining: a holder whose lease was ended without him goes on as if it lived, a live one's guard may
 * be open, and neither has to have read the new configuration when he next looks. So closing guards by it would come too
 * late, and it is refused. After a restore nobody knows what is believed in, on that lane as on any.
 */
function besideLane(
  lane: Lane,
  believed: readonly Believed[],
  { present, config }: { readonly present: Configuration; readonly config: Configuration },
): ConfigurationContradiction[] {
  const wide = believed.find(({ ledgerWide }) => ledgerWide === true)
  if (wide !== undefined) {
    const message =
      `the restored ledger drains, and nobody knows who still believes in a lease on lane ${lane} or beside it; ` +
      `wait until that is over`
    return [{ path: 'exclusiveLanes', message, ...until([wide]) }]
  }
  for (const inside of believed) {
    if (!isSameLane(inside.lane, lane, config)) continue
    // Whom the rules of before keep apart already, such as an adopter and what drains from before him, is no news.
    const beside = believed.find(
      other =>
        other !== inside &&
        conflictBetween(inside, other, config) !== null &&
        conflictBetween(inside, other, present) === null,
    )
    if (beside === undefined) continue
    const pair = `${nameOf(inside)}, and ${nameOf(beside)}`
    const message = `lane ${lane} cannot be exclusive yet: ${pair}; wait until one has ended${wayOut([inside, beside])}`
    return [{ path: 'exclusiveLanes', message, ...until([inside, beside]) }]
  }
  return []
}

function nameOf({ leaseId, drains }: Believed): string {
  return drains ? `${leaseId} drains (its old holder may still believe in it)` : `${leaseId} is live`
}

function wayOut(pair: readonly Believed[]): string {
  return pair.some(({ drains }) => drains) ? ', or until the old holder releases it under its old token' : ''
}

/** When the first of them is over by itself. */
function until(believed: readonly Believed[]): { readonly untilMs?: EpochMs } {
  const untilMs = Math.min(...believed.map(each => each.untilMs))
  return Number.isSafeInteger(untilMs) ? { untilMs: untilMs as EpochMs } : {}
}
