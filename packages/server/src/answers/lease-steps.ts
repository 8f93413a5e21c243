import {
  countedTimes,
  isExpired,
  type Blocker,
  type DrainingEntry,
  type EpochMs,
  type Lease,
  type LedgerState,
  type Moment,
  type ProcessIdentity,
} from '@holdfast/core'
import { instantOf } from '@holdfast/projections'
import { processText } from '../text/location-text.ts'
import { plain } from '../text/plain.ts'
import { clock } from '../text/times.ts'
import type { CommandLines } from './command-lines.ts'
import type { NextStep } from './schemas/next-step.ts'

/** As what an operator signs who names no holder. */
const OPERATOR = 'operator'

/** Where steps are looked for, and by whom. */
export interface Surroundings {
  readonly state: LedgerState
  readonly moment: Moment
  readonly typed: CommandLines
  /** Who asks; `null` where that is not said. */
  readonly asker: string | null
  /** This machine: what runs elsewhere is not ended by a command here. */
  readonly here: Pick<ProcessIdentity, 'host' | 'pidNamespace'> | null
}

/** When an answer is given, by the log clock. */
export interface AtMoment {
  readonly moment: { readonly nowMs: EpochMs }
}

/** What can be done about one thing that a refusal names. */
export function blockerSteps(blocker: Blocker, around: Surroundings): readonly NextStep[] {
  const { leaseId, token, ticket } = blocker
  if (ticket !== undefined) return []
  const lease = leaseId === null ? undefined : around.state.leases.get(leaseId)
  if (blocker.code === 'draining') {
    const entry = [...around.state.draining.kept(around.moment.nowMs)].map(([, each]) => each)
    const drain = entry.find(each => each.leaseId === leaseId && each.token === token)
    return drain === undefined ? [] : drainSteps(drain, around)
  }
  return lease === undefined || lease.token !== token ? [] : leaseSteps(lease, blocker.child, around)
}

/** What can be done about a draining entry, besides waiting. */
export function drainSteps(
  entry: Omit<DrainingEntry, 'workTree'>,
  { typed, asker }: Surroundings,
): readonly NextStep[] {
  const { lane, token, holder, ledgerWide } = entry
  if (ledgerWide === true) {
    const text = `the whole ledger was put back from a backup, and a grant of the lost history may be believed until ${clock(entry.untilMs)} (its leaseSpanBoundMs and graceMs bound that: a ledger that is made with lower ceilings drains for less); if nobody believes in one, \`holdfast restore FILE --force\` into an empty place opens at once`
    return [{ action: 'restore', text }]
  }
  if (holder === asker) {
    const command = typed.call('release', [lane], { holder, token: String(token) })
    return [{ action: 'release', text: 'if you have stopped what you did under the old token, say so', command }]
  }
  const text = `${plain(holder)} opens it earlier by releasing ${plain(lane)} under token ${token}, once it has stopped`
  return [{ action: 'release', text }]
}

/** What can be done about a lease: by its own holder, by whoever asks, or by an operator. */
export function leaseSteps(
  lease: Lease,
  child: ProcessIdentity | undefined,
  around: Surroundings,
): readonly NextStep[] {
  const { typed, asker, state, moment } = around
  const { lane, leaseId, token, holder } = lease
  const over = isExpired(lease, moment.nowMs)
  if (lease.reap === 'required' && (over || lease.exit !== null || lease.claim !== null))
    return reapSteps(lease, around)
  if (holder === asker) {
    const command = typed.call('release', [lane], { holder, token: String(token) })
    return [{ action: 'release', text: `it is yours already (${plain(leaseId)}); give it up if you are done`, command }]
  }
  const halt: NextStep = {
    action: 'halt',
    text: `ask ${plain(holder)} to stop`,
    command: typed.call('halt', [stopName(leaseId)], { lease: leaseId }),
  }
  if (over && child !== undefined) {
    const { orphanUntilMs } = countedTimes(state, lease, moment)
    return [killStep(child, around), adoptStep(lease, around, orphanUntilMs), halt]
  }
  if (over) return [adoptStep(lease, around, countedTimes(state, lease, moment).orphanUntilMs), halt]
  const who = lease.process === null ? plain(holder) : `${plain(holder)} (${processText(lease.process)})`
  return [{ action: 'release', text: `${who} has to give ${plain(leaseId)} up` }, halt]
}

/** The name of a request to stop: told apart from a holder, whom `halt agent-7` would seem to end. */
export function stopName(leaseId: string): string {
  return `stop-${leaseId}`
}

function killStep(child: ProcessIdentity, { here }: Surroundings): NextStep {
  const text = `end its child, ${processText(child)}, which still runs`
  const isHere = here !== null && here.host === child.host && here.pidNamespace === child.pidNamespace
  return isHere ? { action: 'kill', text, command: `kill ${child.pid}` } : { action: 'kill', text }
}

function adoptStep({ lane, token }: Lease, { typed, asker, moment }: Surroundings, fromMs: number): NextStep {
  const command = typed.call('adopt', [lane], { holder: asker ?? OPERATOR, 'expect-token': String(token) })
  const step = { action: 'adopt', text: 'take the lease over, with what still runs under it', command } as const
  return fromMs > moment.nowMs ? { ...step, at: instantOf(fromMs) } : step
}

/** A lease that asked for a reaper: which one, and what an operator can do without. */
function reapSteps({ claim, holder, lane, token, expiresAtMs }: Lease, around: Surroundings): readonly NextStep[] {
  const { typed, moment } = around
  const skip: NextStep = {
    action: 'scavenge',
    text: 'end it without its reaper; the log then says that the effect was skipped',
    command: typed.call('scavenge', [lane], { token: String(token), force: true }),
  }
  if (claim !== null && moment.nowMs < expiresAtMs) {
    const text = `the reaper ${plain(holder)} has claimed it and acts on it: ask that one`
    return [{ action: 'reap', text }, skip]
  }
  const text = 'let the reaper that has its effect run (`holdfast reap --on-reaped CMD`); this shows what one would do'
  return [{ action: 'reap', text, command: typed.call('reap', [], { once: true, 'dry-run': true }) }, skip]
}
