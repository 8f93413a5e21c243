import type { LedgerState } from '../state/ledger-state.ts'
import { decideAcquire } from './acquire.ts'
import { decideAdopt } from './adopt.ts'
import { decideCheckpoint, decideConfigure, decideFound, decideRepair } from './checkpoint.ts'
import type { Command } from './command.ts'
import type { Decision } from './decision.ts'
import type { Surroundings } from '../evidence.ts'
import { decideHeartbeat } from './heartbeat.ts'
import { decideHalt, decideSpawn, decideWithdraw } from './intents.ts'
import type { Outcome, OutcomeOf } from './outcome.ts'
import { decideRelease } from './release.ts'
import { decideScavenge } from './scavenge.ts'
import { decideWrite } from './write.ts'

/**
 * Decides one command on a state. Pure: the same state, command, time and evidence always give the same answer, and
 * `state` is left as it is. It reads no clock; `around.nowMs` is the decider's log clock. Every expected outcome is a
 * value (see `outcome.ts`); an exception is a bug.
 */
export function decide<T extends Command['type']>(
  state: LedgerState,
  command: Extract<Command, { readonly type: T }>,
  around: Surroundings,
): Decision<OutcomeOf[T]>
export function decide(state: LedgerState, command: Command, around: Surroundings): Decision<Outcome> {
  switch (command.type) {
    case 'acquire':
      return decideAcquire(state, command, around)
    case 'withdraw':
      return decideWithdraw(state, command, around)
    case 'heartbeat':
      return decideHeartbeat(state, command, around)
    case 'release':
      return decideRelease(state, command, around)
    case 'adopt':
      return decideAdopt(state, command, around)
    case 'scavenge':
      return decideScavenge(state, command, around)
    case 'halt':
      return decideHalt(state, command)
    case 'spawn':
      return decideSpawn(state, command)
    case 'write':
      return decideWrite(state, command, around)
    case 'found':
      return decideFound(state, command)
    case 'configure':
      return decideConfigure(state, command, around)
    case 'checkpoint':
      return decideCheckpoint(state, command, around)
    case 'repair':
      return decideRepair(state, command)
  }
}
