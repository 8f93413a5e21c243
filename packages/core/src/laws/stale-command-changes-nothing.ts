import type { Command } from '../decide/command.ts'
import { decide } from '../decide/decide.ts'
import { tryOut } from '../decide/decision.ts'
import type { Surroundings } from '../evidence.ts'
import { isSameLane } from '../state/lane-key.ts'
import { fork, liveLeases, type LedgerState } from '../state/ledger-state.ts'
import { compare, EQUAL, type Comparison } from './comparison.ts'
import type { Deciding } from './unknown-never-ends.ts'

/**
 * Laws 5 and 8 for commands: a beat, release, adoption or eviction under a token that is not live, and a beat or release
 * from anyone but the holder, changes no lease. test/core/law-05, law-08.
 */
export function staleCommandChangesNothing(
  state: LedgerState,
  command: Command,
  around: Surroundings,
  deciding: Deciding = decide,
): Comparison {
  if (!isStrange(state, command)) return EQUAL
  let after = fork(state)
  for (const event of deciding(state, command, around).events) after = tryOut(after, event, around.nowMs)
  return compare(liveLeases(state), liveLeases(after), '$.leases')
}

function isStrange(state: LedgerState, command: Command): boolean {
  const live = (token: number, holder?: string) =>
    [...state.leases.values()].some(
      lease =>
        lease.token === token &&
        'lane' in command &&
        command.lane !== undefined &&
        isSameLane(lease.lane, command.lane, state.config) &&
        (holder ?? lease.holder) === lease.holder,
    )
  switch (command.type) {
    case 'heartbeat':
    case 'release':
      return !live(command.token, command.holder)
    case 'adopt':
      return !live(command.expectToken)
    case 'scavenge':
      return !live(command.token)
    case 'acquire':
    case 'withdraw':
    case 'halt':
    case 'spawn':
    case 'write':
    case 'found':
    case 'configure':
    case 'checkpoint':
    case 'repair':
      return false
  }
}
