import { leaseSpanBoundMs } from '../configuration.ts'
import { later, leaseIdOf, type EpochMs, type Holder, type Lane, type Token } from '../ids.ts'
import { fork, type LedgerState } from './ledger-state.ts'
import type { DrainingEntry } from './entries.ts'
import { drainingKey } from './entry-keys.ts'

/** What a ledger-wide drain is called where a lease's lane and holder stand. No schema makes them: quick commands name it. */
export const LEDGER_DRAIN = { lane: '**' as Lane, holder: '(restore)' as Holder } as const

/**
 * For how long anything of a history that was lost may be believed in, from the moment at which its store is gone. A lease
 * of the backup may have been renewed with the TTL that it has, whatever the ceiling is now; anything else was granted
 * under settings that nobody can put above the ledger's bound (`leaseSpanBoundMs`). The grace is no holder's time: it is
 * added as the margin that it always is.
 */
export function believedSpanMs({ config, leases }: LedgerState): number {
  let spanMs = leaseSpanBoundMs(config)
  let marginMs = config.graceMs
  for (const { ttlMs, graceMs } of leases.values()) {
    spanMs = Math.max(spanMs, ttlMs)
    marginMs = Math.max(marginMs, graceMs)
  }
  return spanMs + marginMs
}

/**
 * What keeps a restored ledger closed: in the history that was lost somebody may have been granted anything, for as
 * long as a grant could have been made to last, and may believe in it until then. It conflicts with everything (law 4),
 * no guard opens under it, and no release ends it. docs/adr/0009, 0018.
 */
export function ledgerDrain(state: LedgerState, token: Token, nowMs: EpochMs): DrainingEntry {
  const untilMs = later(nowMs, believedSpanMs(state))
  return {
    leaseId: leaseIdOf(LEDGER_DRAIN.lane, token),
    token,
    lane: LEDGER_DRAIN.lane,
    region: ['**'],
    mode: 'exclusive',
    kind: null,
    holder: LEDGER_DRAIN.holder,
    untilMs,
    keptUntilMs: later(untilMs, state.config.clockStepBoundMs),
    ledgerWide: true,
  }
}

/** A branch of the state in which `entry` drains. */
export function draining(state: LedgerState, entry: DrainingEntry): LedgerState {
  const branch = fork(state)
  branch.draining.set(drainingKey(entry.leaseId, entry.token), entry, state.clockMs)
  return branch
}
