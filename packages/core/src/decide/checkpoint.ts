import { treesBroughtTogether } from '../admission/trees-together.ts'
import { recordedConfiguration, withLeaseSpanBound } from '../configuration.ts'
import { WRITER_VERSION, type ProposedEvent } from '../events.ts'
import type { CheckpointData, StateCarrier } from '../checkpoint-event.ts'
import { revisionAfter, tokenAt, type EpochMs } from '../ids.ts'
import { draining, ledgerDrain } from '../state/ledger-drain.ts'
import { fork, initialState, type LedgerState } from '../state/ledger-state.ts'
import { snapshotState } from '../state/snapshot.ts'
import type { CheckpointCommand, ConfigureCommand, FoundCommand, RepairCommand } from './command.ts'
import { boundAfter, contradictions } from './contradictions.ts'
import { decisionTime, final, type Decision } from './decision.ts'
import type { Surroundings } from '../evidence.ts'
import type { CheckpointOutcome, ConfigurationRefused, FoundOutcome } from './outcome.ts'
import { closedToAll, closedToGrants, closedToRepair } from './writability.ts'

/**
 * Begins a ledger; on a ledger that exists it answers with that one's id and appends nothing. A log that begins with
 * something else, or with a genesis that only a newer program can read, is never begun again.
 */
export function decideFound(state: LedgerState, command: FoundCommand): Decision<FoundOutcome> {
  if (state.ledgerId !== null) return final({ outcome: 'founded', ledgerId: state.ledgerId, created: false })
  const closed = state.head === -1 ? null : closedToAll(state)
  if (closed !== null) return final(closed)
  const { ledgerId, config, reason } = command
  const data: CheckpointData = {
    ledgerId,
    throughRevision: -1,
    offset: 0,
    clockOffset: 0,
    minWriter: WRITER_VERSION,
    config: recordedConfiguration(withLeaseSpanBound(config)),
    state: inline(initialState()),
    reason,
  }
  return final({ outcome: 'founded', ledgerId, created: true }, [{ type: 'CHECKPOINT', data }])
}

/** The state written down as the fold has it, with what a command changes. */
export function checkpointData(
  state: LedgerState,
  changes: Partial<CheckpointData> & { readonly reason: string },
): CheckpointData {
  if (state.ledgerId === null) throw new Error('a ledger without genesis has nothing to write down')
  return {
    ledgerId: state.ledgerId,
    throughRevision: state.head,
    offset: state.offset,
    clockOffset: state.clockOffset,
    minWriter: state.minWriter,
    config: state.config,
    state: changes.state ?? inline(state),
    ...(state.movedTo === null ? {} : { movedTo: state.movedTo }),
    ...changes,
  }
}

/**
 * Changes what decides from now on; live leases keep what they were granted (their TTL, grace, region). A change that
 * would set apart what may be believed in together (an exclusive lane beside others, work trees that are
 * apart no longer) is refused: law 4 holds at every
 * revision. A budget below what is live is taken: nothing new is granted until it fits. The bound on how long a lease can
 * last stays what it is; a ledger that has none yet gets it here.
 */
export function decideConfigure(
  state: LedgerState,
  command: ConfigureCommand,
  around: Surroundings,
): Decision<CheckpointOutcome> {
  const closed = closedToGrants(state)
  if (closed !== null) return final(closed)
  const moment = { ...around, nowMs: decisionTime(state, around.nowMs) }
  const faults = [
    ...contradictions(state, command.config, moment),
    ...treesBroughtTogether(state, command.config, moment),
  ]
  if (faults.length > 0) return final({ outcome: 'invalid', faults })
  const boundMs = command.config.leaseSpanBoundMs ?? boundAfter(state, command.config)
  const config = recordedConfiguration({ ...command.config, leaseSpanBoundMs: boundMs })
  return checkpointed(checkpointData(state, { config, reason: command.reason }))
}

/**
 * The state at the head, written down: for a compaction; for a move away (`movedTo`, which closes the ledger) and its
 * arrival (`arrivedAt`, which opens it in its new place only); for a restore, after which the whole ledger drains.
 */
export function decideCheckpoint(
  state: LedgerState,
  command: CheckpointCommand,
  around: Surroundings,
): Decision<CheckpointOutcome> {
  const { offset, clockOffset, movedTo, arrivedAt, restored, archive, carrier, reason } = command
  const arriving = arrivedAt !== undefined && state.movedTo === arrivedAt
  const here = arriving ? { ...fork(state), movedTo: null } : state
  const closed = closedToGrants(here)
  if (closed !== null) return final(closed)
  if (arrivedAt !== undefined && !arriving) {
    return final(invalid('arrivedAt', 'the ledger did not move, so it cannot arrive'))
  }
  if (offset !== undefined && offset < state.offset) {
    return final(invalid('offset', `offset must not be below the present one, ${state.offset}`))
  }
  const raise = (offset ?? state.offset) - state.offset
  const drain =
    restored === undefined || restored.force
      ? null
      : ledgerDrain(state, tokenAt(revisionAfter(state.head, 1 + raise)), decisionTime(state, around.nowMs))
  return checkpointed(
    checkpointData(drain === null ? here : draining(here, drain), {
      reason,
      ...(arrivedAt === undefined ? {} : { arrivedAt }),
      ...(restored === undefined
        ? {}
        : { restored: { forced: restored.force, drainsUntil: drain === null ? null : (drain.untilMs as EpochMs) } }),
      ...(offset === undefined ? {} : { offset }),
      ...(clockOffset === undefined ? {} : { clockOffset }),
      ...(movedTo === undefined ? {} : { movedTo }),
      ...(archive === undefined ? {} : { archive }),
      ...(carrier === undefined ? {} : { state: carrier }),
    }),
  )
}

export function decideRepair(state: LedgerState, command: RepairCommand): Decision<CheckpointOutcome> {
  const closed = closedToRepair(state)
  if (closed !== null) return final(closed)
  const { skip, reason } = command
  // Past the named ones only their number is known: they are passed over together, as of the head.
  const isRest = state.unreadable.length === 0 && state.unreadableMore > 0 && skip === state.head
  if (!isRest && !state.unreadable.includes(skip)) {
    return final(invalid('skip', `revision ${skip} is not one that stops writers`))
  }
  const left = state.unreadable.filter(revision => revision !== skip)
  const unreadableMore = isRest ? 0 : state.unreadableMore
  const snapshot = { ...snapshotState(state), unreadable: left, unreadableMore }
  const carrier: StateCarrier = { carrier: 'inline', value: asJson(snapshot) }
  return checkpointed(checkpointData(state, { state: carrier, skips: [skip], reason }))
}

function invalid(path: string, message: string): ConfigurationRefused {
  return { outcome: 'invalid', faults: [{ path, message }] }
}

function checkpointed(data: CheckpointData): Decision<CheckpointOutcome> {
  const event: ProposedEvent = { type: 'CHECKPOINT', data }
  return final({ outcome: 'checkpointed' }, [event])
}

function inline(state: LedgerState): StateCarrier {
  return { carrier: 'inline', value: asJson(snapshotState(state)) }
}

/** A snapshot is JSON by construction; its type only says more than JSON's does. */
function asJson(snapshot: ReturnType<typeof snapshotState>): Extract<StateCarrier, { carrier: 'inline' }>['value'] {
  return snapshot as never
}
