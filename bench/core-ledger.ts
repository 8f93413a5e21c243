import {
  Configuration,
  EpochMs,
  EventId,
  evolve,
  initialState,
  decide,
  LedgerId,
  recordNext,
  type LedgerState,
  type ProposedEvent,
  type RecordedEvent,
} from '@holdfast/core'
import { AcquireCommand, nextRevision } from '@holdfast/core/internal'

// Ledgers of core alone, made without a store: what the benchmarks of core measure on.

const COMMAND_ID = '00000000-0000-4000-8000-000000000001'
const EVENT_ID = EventId.parse('00000000-0000-5000-8000-000000000001')
export const NOW_MS = EpochMs.parse(1_700_000_000_000)
const TTL_MS = 60_000
const GRACE_MS = 30_000

export function founded(): LedgerState {
  const state = initialState()
  const ledgerId = LedgerId.parse('00000000-0000-4000-8000-00000000bebc')
  const config = Configuration.parse({ ttlDefaultMs: TTL_MS, graceMs: GRACE_MS })
  const command = {
    type: 'found',
    commandId: AcquireCommand.shape.commandId.parse(COMMAND_ID),
    ledgerId,
    config,
    reason: '',
  } as const
  const decision = decide(state, command, { nowMs: NOW_MS })
  return decision.events.reduce((folded, event) => evolve(folded, recordNext(folded, event, { nowMs: NOW_MS })), state)
}

/** A request for a lane and a folder of its own, as `index` names them. */
export function asking(
  index: number,
  region: readonly string[] = [`packages/p${index % 100}/src/m${index}/**`],
): AcquireCommand {
  return AcquireCommand.parse({
    type: 'acquire',
    commandId: COMMAND_ID,
    holder: `agent-${index}`,
    process: { host: 'host-1', bootId: 'b', pidNamespace: 'n', pid: 1 + (index % 30_000), processStart: '77' },
    claims: [{ lane: `lane-${index}`, region }],
  })
}

export function recorded(state: LedgerState, event: ProposedEvent, atMs = 0): RecordedEvent {
  return recordNext(state, event, { nowMs: EpochMs.parse(NOW_MS + atMs), eventId: EVENT_ID })
}

/** The ACQUIRE that grants `index` on `state`, without the cost of deciding it. */
export function acquired(state: LedgerState, index: number, atMs = 0): RecordedEvent<'ACQUIRE'> {
  const { holder, process, claims, maxAttempts, reap, reason } = asking(index)
  const [claim] = claims
  const revision = nextRevision(state.head)
  if (claim === undefined) throw new Error('a request has a claim')
  const event = recorded(
    state,
    {
      type: 'ACQUIRE',
      data: {
        lane: claim.lane,
        leaseId: `${claim.lane}@${revision}` as RecordedEvent<'ACQUIRE'>['data']['leaseId'],
        holder,
        kind: null,
        mode: claim.mode,
        region: claim.region,
        ttlMs: TTL_MS,
        graceMs: GRACE_MS,
        process,
        attempt: 1,
        maxAttempts,
        reap,
        reason,
      },
    },
    atMs,
  )
  if (event.type !== 'ACQUIRE') throw new Error('an ACQUIRE was asked for')
  return event
}

/** A ledger with so many live leases on lanes and folders of their own. */
export function withLive(count: number): LedgerState {
  let state = founded()
  for (let index = 0; index < count; index += 1) state = evolve(state, acquired(state, index))
  return state
}
