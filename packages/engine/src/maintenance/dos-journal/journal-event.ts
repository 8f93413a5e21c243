import type { EventType, LedgerState } from '@holdfast/core'
import * as z from 'zod'
import { journalCheckpoint } from './journal-checkpoint.ts'
import {
  JournalActor,
  JournalIdentity,
  JournalLease,
  journalLeaseId,
  journalProcess,
  journalTerms,
} from './journal-lease.ts'

type Entry = Readonly<Record<string, unknown>>

/** What an entry becomes. A CHECKPOINT takes as many revisions as it needs to number its leases. */
export interface JournalEvent {
  readonly type: string
  readonly data: unknown
  readonly runId?: string | undefined
}

const Reason = z.looseObject({
  reason: z
    .unknown()
    .optional()
    .transform(reason => (typeof reason === 'string' ? reason : '')),
})

const Acquire = z.looseObject({ ...JournalIdentity.shape, ...Reason.shape, lease: JournalLease })
const Owned = z.looseObject({ ...JournalIdentity.shape, ...Reason.shape })
const Adopted = z.looseObject({ ...Owned.shape, ...JournalActor.shape })
const Halt = z.looseObject({
  ...Reason.shape,
  ...JournalActor.shape,
  handle: z.string().min(1),
  lane: z.unknown().optional(),
  loop_ts: z.unknown().optional(),
  command: z.string().nullish(),
})
const Refused = z.looseObject({ ...JournalActor.shape, ...JournalIdentity.shape, ...Reason.shape })

/**
 * The event that an entry of the journal says, under the rules by which the journal folds: (loop_ts, lane) is the lease,
 * and nothing was ever compared with a token. An operation that nobody here knows stays what it was. Throws a `ZodError`
 * for an entry that lacks what its operation needs.
 */
export function journalEvent(op: string, entry: Entry, state: LedgerState): JournalEvent {
  if (!isKnown(op)) return { type: op, data: entry }
  switch (op) {
    case 'ACQUIRE':
      return acquired(Acquire.parse(entry), entry)
    case 'RELEASE':
      return { type: op, data: { ...owned(Owned.parse(entry)), token: null } }
    case 'HEARTBEAT':
      return { type: op, data: { ...owned(Owned.parse(entry)), token: null } }
    case 'SCAVENGE': {
      const data = { ...owned(Owned.parse(entry)), token: null }
      // On what ground it was done the journal does not say; "manual" makes it drain, which is the careful reading.
      return { type: op, data: { ...data, cause: 'manual', disposition: 'none', forced: false, evidence: {} } }
    }
    case 'ADOPT':
      return adopted(Adopted.parse(entry))
    case 'HALT':
      return halted(Halt.parse(entry))
    case 'SPAWN': {
      const { lane, holder, reason, run_id: runId, ...rest } = Refused.parse(entry)
      const data = { lane, holder, reason, process: journalProcess({ holder, run_id: runId, ...rest }) }
      return { type: op, data: { ...data, ...run(runId), ttlMs: state.config.ttlDefaultMs }, ...run(runId) }
    }
    case 'REFUSE': {
      const { lane, holder, reason, run_id: runId } = Refused.parse(entry)
      const request = { op: 'acquire', holder, policy: 'one', claims: [{ lane }], ...run(runId) }
      // Its reason is free text; which rule refused it is not known.
      return { type: op, data: { request, code: 'lane-held', blockers: [], moreBlockers: 0, reason }, ...run(runId) }
    }
    case 'CHECKPOINT':
      return { type: op, data: journalCheckpoint(entry, state) }
  }
}

function acquired({ loop_ts, lane, lease, reason }: z.infer<typeof Acquire>, entry: Entry): JournalEvent {
  const data = {
    ...journalTerms({ ...lease, lane, ttl_minutes: lease.ttl_minutes ?? entry['ttl_minutes'] }),
    leaseId: journalLeaseId({ loop_ts, lane }),
    holder: lease.holder,
    process: journalProcess(lease),
    token: null,
    reason,
    ...run(lease.run_id),
  }
  return { type: 'ACQUIRE', data, ...run(lease.run_id) }
}

function owned({ loop_ts, lane, reason }: z.infer<typeof Owned>) {
  return { lane, leaseId: journalLeaseId({ loop_ts, lane }), reason }
}

function adopted(entry: z.infer<typeof Adopted>): JournalEvent {
  const { lane, leaseId, reason } = owned(entry)
  const process = journalProcess(entry)
  return {
    type: 'ADOPT',
    data: { lane, leaseId, previousToken: null, newHolder: entry.holder, process, forced: true, reason },
  }
}

function halted({ handle, command, reason, run_id: runId, lane, loop_ts }: z.infer<typeof Halt>): JournalEvent {
  const identity = JournalIdentity.safeParse({ lane, loop_ts })
  const correlated = identity.success ? { lane: identity.data.lane, leaseId: journalLeaseId(identity.data) } : {}
  const proposed = typeof command === 'string' ? { command } : {}
  return { type: 'HALT', data: { handle, ...correlated, ...proposed, ...run(runId), reason }, ...run(runId) }
}

function run(runId: string | null): { readonly runId?: string } {
  return runId === null ? {} : { runId }
}

const KNOWN: Readonly<Record<EventType, true>> = {
  ACQUIRE: true,
  RELEASE: true,
  HEARTBEAT: true,
  ADOPT: true,
  HALT: true,
  SPAWN: true,
  SCAVENGE: true,
  REFUSE: true,
  CHECKPOINT: true,
}

function isKnown(op: string): op is EventType {
  return Object.hasOwn(KNOWN, op)
}
