import { Holder, Lane, later, leaseIdOf, type EpochMs, type Token } from '../ids.ts'
import { fork, type LedgerState } from './ledger-state.ts'
import type { DrainingEntry } from './memory.ts'
import { drainingKey } from './memory-keys.ts'

/** What a ledger-wide drain is called where a lease's lane and holder stand. */
const LANE = Lane.parse('**')
const HOLDER = Holder.parse('(restore)')

/**
 * What keeps a restored ledger closed: in the history that was lost somebody may have been granted anything, for as
 * long as a grant could have been made to last, and may believe in it until then. It conflicts with everything (law 4),
 * no guard opens under it, and no release ends it. docs/adr/0009.
 */
export function ledgerDrain(state: LedgerState, token: Token, nowMs: EpochMs): DrainingEntry {
  const { ttlCeilingMs, activityCapMs, graceMs, clockStepBoundMs } = state.config
  const untilMs = later(nowMs, Math.max(ttlCeilingMs, activityCapMs) + graceMs)
  return {
    leaseId: leaseIdOf(LANE, token),
    token,
    lane: LANE,
    region: ['**'],
    mode: 'exclusive',
    kind: null,
    holder: HOLDER,
    untilMs,
    keptUntilMs: later(untilMs, clockStepBoundMs),
    ledgerWide: true,
  }
}

/** A branch of the state in which `entry` drains. */
export function draining(state: LedgerState, entry: DrainingEntry): LedgerState {
  const branch = fork(state)
  branch.draining.set(drainingKey(entry.leaseId, entry.token), entry, state.clockMs)
  return branch
}
