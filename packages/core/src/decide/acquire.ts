import { leaseAcquired } from '../evolve/lease-after.ts'
import { admission, type Admission } from '../admission/admission.ts'
import { conflictBetween } from '../admission/conflict.ts'
import { isKnownLane, withDeclared } from '../admission/declared-lane.ts'
import { mergeRisksOf } from '../admission/merge-risks.ts'
import { withoutRepeats } from '../admission/obstacle.ts'
import { PREDICATE_NAME_LENGTH_MAX, type RecordedRequest } from '../refuse-event.ts'
import { TEXT_LENGTH_MAX } from '../event-text.ts'
import type { Claim } from '../lease-events.ts'
import type { ProposedEvent } from '../events.ts'
import { leaseIdOf, revisionAfter, tokenAt, type EpochMs, type Token } from '../ids.ts'
import type { Lease } from '../state/lease.ts'
import { fork, type LedgerState } from '../state/ledger-state.ts'
import { attemptKey, requestKey } from '../state/entry-keys.ts'
import type { Ticket } from '../state/entries.ts'
import { laneKey } from '../state/lane-key.ts'
import { sameClaim } from '../state/same-claim.ts'
import type { AcquireCommand } from './command.ts'
import { decisionTime, final, tryOut, type Decision } from './decision.ts'
import type { PredicateVerdict, Surroundings } from '../evidence.ts'
import { clockEvidence } from './grounds.ts'
import type { AcquireOutcome } from './outcome.ts'
import { placeAfter, refuse, refuseWaiting, type RefusalReason, type TicketRequest } from './refusal.ts'
import { repeatedRequest } from './repeated-request.ts'
import { closedToGrants } from './writability.ts'

/** Expired leases that one append ends; the rest goes in appends before it. */
export const EVICTIONS_MAX = 250

/** Open tickets of a ledger; past it a request is refused without one. */
export const TICKETS_MAX = 1000

/** A request with everything filled in that it left to the ledger. */
interface Request {
  readonly command: AcquireCommand
  readonly claims: readonly [Claim, ...Claim[]]
  readonly recorded: RecordedRequest
  readonly nowMs: EpochMs
  readonly around: Surroundings
}

/** Decides a request for a lease; see `AcquireCommand` for its three policies. */
export function decideAcquire(
  state: LedgerState,
  command: AcquireCommand,
  around: Surroundings,
): Decision<AcquireOutcome> {
  const closed = closedToGrants(state)
  if (closed !== null) return final(closed)
  const request = fillIn(state, command, around)
  const repeated = repeatedRequest(state, command, request)
  if (repeated !== null) return repeated
  const denied = deniedOutright(state, request)
  if (denied !== null) return refuse(state, denied, request.nowMs)
  switch (command.policy) {
    case 'one':
      return decideOne(state, request)
    case 'any':
      return decideAny(state, request)
    case 'all':
      return decideAll(state, request)
  }
}

function fillIn(state: LedgerState, command: AcquireCommand, around: Surroundings): Request {
  const { workTree } = command
  const asked = command.claims.map(claim => withDeclared(claim, state.config))
  const [first, ...others] = asked.map(claim => ({ ...claim, workTree }))
  if (first === undefined) throw new Error('a request has at least one claim')
  const claims: Request['claims'] = [first, ...others]
  const recorded: RecordedRequest = {
    op: 'acquire',
    holder: command.holder,
    process: command.process,
    policy: command.policy,
    claims: asked,
    ...(workTree ? { workTree } : {}),
    ...(command.runId === undefined ? {} : { runId: command.runId }),
    ...(command.requestId === undefined ? {} : { requestId: command.requestId }),
  }
  return { command, claims, recorded, nowMs: decisionTime(state, around.nowMs), around }
}

/** Refusals that no waiting mends. */
function deniedOutright(state: LedgerState, request: Request): RefusalReason | null {
  const bare = { request: request.recorded, obstacles: [], freeAtMs: null }
  const unknown = request.claims.find(({ lane }) => !isKnownLane(lane, state.config))
  if (unknown !== undefined) {
    return { ...bare, code: 'unknown-lane', reason: `lane ${unknown.lane} is not declared, and free lanes are off` }
  }
  const verdict = request.around.evidence?.predicates?.find(({ allowed }) => !allowed)
  if (verdict !== undefined) {
    return { ...bare, code: 'predicate-refused', ...asRecorded(verdict) }
  }
  return null
}

/** What a local predicate says has any length, and an event that its schema does not take would stop every writer. */
function asRecorded({ name, reason }: PredicateVerdict): { readonly predicate: string; readonly reason: string } {
  return { predicate: name.slice(0, PREDICATE_NAME_LENGTH_MAX), reason: reason.slice(0, TEXT_LENGTH_MAX) }
}

function decideOne(state: LedgerState, request: Request): Decision<AcquireOutcome> {
  const { command, nowMs } = request
  const [claim] = request.claims
  const key = command.requestId === undefined ? null : requestKey(command.holder, command.requestId)
  const known = key === null ? undefined : state.tickets.get(key, nowMs)
  const ticket = known !== undefined && sameClaim(known, claim, state.config) ? known : undefined
  const answer = ask(state, request, claim, { place: ticket?.place ?? null, ticketKey: key })
  if (answer.admitted) return grant(state, request, [{ claim, evict: answer.evict }])
  const ticketRequest = ticketRequestFor(state, request, { answer, ticket })
  const placeUntilMs = ticket && (ticketRequest === null ? ticket : placeAfter(ticket, ticketRequest, nowMs)).untilMs
  // Past its own place a request is the last in the line: then those who came later, and still wait, stand ahead.
  const isPlaceOver = placeUntilMs !== undefined && answer.freeAtMs !== null && placeUntilMs <= answer.freeAtMs
  const { freeAtMs } = isPlaceOver
    ? { ...answer, ...ask(state, request, claim, { place: null, ticketKey: key }) }
    : answer
  const why = { ...answer, freeAtMs, request: request.recorded, reason: command.reason }
  if (ticketRequest === null) return refuse(state, why, nowMs)
  if (known === undefined && openTickets(state, nowMs) >= TICKETS_MAX) {
    return refuse(state, { ...why, code: 'queue-full', freeAtMs: null }, nowMs)
  }
  return refuseWaiting(state, why, ticketRequest, nowMs)
}

type Denied = Extract<Admission, { readonly admitted: false }>

/** How a refused request waits; `null`: it does not. */
function ticketRequestFor(
  state: LedgerState,
  { command }: Request,
  { answer, ticket }: { readonly answer: Denied; readonly ticket: Ticket | undefined },
): TicketRequest | null {
  const { wait, requestId } = command
  if (!wait || requestId === undefined || !answer.worthWaiting) return null
  return { requestId, ttlMs: state.config.ticketTtlMs, ticket }
}

function openTickets(state: LedgerState, nowMs: EpochMs): number {
  let open = 0
  for (const _ of state.tickets.live(nowMs)) open += 1
  return open
}

function decideAny(state: LedgerState, request: Request): Decision<AcquireOutcome> {
  const [claim, ...others] = request.claims
  const first = ask(state, request, claim)
  if (first.admitted) return grant(state, request, [{ claim, evict: first.evict }])
  const refusals = [first]
  for (const other of others) {
    const answer = ask(state, request, other)
    if (answer.admitted) return grant(state, request, [{ claim: other, evict: answer.evict }])
    refusals.push(answer)
  }
  const retries = refusals.flatMap(({ freeAtMs }) => (freeAtMs === null ? [] : [freeAtMs]))
  const why = {
    request: request.recorded,
    code: first.code,
    obstacles: withoutRepeats(refusals.flatMap(({ obstacles }) => obstacles)),
    freeAtMs: retries.length === 0 ? null : Math.min(...retries),
    reason: request.command.reason,
  }
  return refuse(state, why, request.nowMs)
}

function decideAll(state: LedgerState, request: Request): Decision<AcquireOutcome> {
  const clash = selfConflict(state, request)
  if (clash !== null) return refuse(state, clash, request.nowMs)
  const grants: Grant[] = []
  let trial = fork(state)
  for (const claim of request.claims) {
    const answer = ask(trial, request, claim)
    if (!answer.admitted) {
      const why = { ...answer, request: request.recorded, freeAtMs: null, reason: request.command.reason }
      return refuse(state, why, request.nowMs)
    }
    const next = { claim, evict: answer.evict }
    grants.push(next)
    for (const event of grantEvents(trial, request, next)) trial = tryOut(trial, event, request.nowMs)
  }
  return grant(state, request, grants)
}

/** Two members of `all` that could not be live together. */
function selfConflict(state: LedgerState, request: Request): RefusalReason | null {
  for (const [index, claim] of request.claims.entries()) {
    for (const other of request.claims.slice(0, index)) {
      const conflict = conflictBetween(claim, other, state.config)
      if (conflict === null) continue
      const where = conflict.witness === undefined ? '' : `: both would cover ${conflict.witness}`
      const reason = `the claims on ${other.lane} and ${claim.lane} exclude each other${where}`
      return { request: request.recorded, code: 'self-conflict', obstacles: [], freeAtMs: null, reason }
    }
  }
  return null
}

interface Line {
  readonly place: Asking['place']
  readonly ticketKey: string | null
}
type Asking = Parameters<typeof admission>[1]

function ask(
  state: LedgerState,
  request: Request,
  claim: Claim,
  line: Line = { place: null, ticketKey: null },
): Admission {
  const { command, nowMs, around } = request
  const { evidence, ownClock } = around
  return admission(state, { claim, holder: command.holder, ...line, nowMs, ownClock, evidence })
}

interface Grant {
  readonly claim: Claim
  readonly evict: readonly Lease[]
}

/** Evictions and ACQUIREs in one append; too many evictions go ahead in appends of their own. */
function grant(state: LedgerState, request: Request, grants: readonly Grant[]): Decision<AcquireOutcome> {
  const evict = grants.flatMap(one => one.evict)
  if (evict.length > EVICTIONS_MAX) {
    const first = evict.slice(0, EVICTIONS_MAX)
    return { kind: 'again', events: first.map(lease => evictionEvent(lease, request)) }
  }
  const evicted = evict.map(({ leaseId, token }) => ({ leaseId, token }))
  const { events, leases, after } = granted(state, request, grants)
  const [lease] = leases
  if (lease === undefined) throw new Error('a grant has at least one lease')
  const risks = mergeRisksOf(after, leases, { ...request.around, nowMs: request.nowMs })
  return final({ outcome: 'granted', lease, leases, repeated: false, evicted, ...risks }, events)
}

interface Granted {
  readonly events: readonly ProposedEvent[]
  readonly leases: readonly Lease[]
  /** The state after them, as far as it matters: where trees count together no merge is at risk. */
  readonly after: LedgerState
}

/** A single lease without a risk at merging follows from its event alone; everything else is tried out. */
function granted(state: LedgerState, request: Request, grants: readonly Grant[]): Granted {
  const [one, ...others] = grants
  if (one !== undefined && others.length === 0 && state.config.workTrees !== 'apart') {
    const events = grantEvents(state, request, one)
    return { events, leases: [leaseOf(state, request, events)], after: state }
  }
  const events: ProposedEvent[] = []
  const leases: Lease[] = []
  let after = fork(state)
  for (const next of grants) {
    for (const event of grantEvents(after, request, next)) {
      events.push(event)
      after = tryOut(after, event, request.nowMs)
      const lease = event.type === 'ACQUIRE' ? after.leases.get(event.data.leaseId) : undefined
      if (lease !== undefined) leases.push(lease)
    }
  }
  return { events, leases, after }
}

/** The lease as the last of the events, an ACQUIRE, will give it. */
function leaseOf(state: LedgerState, { nowMs }: Request, events: readonly ProposedEvent[]): Lease {
  const event = events.at(-1)
  if (event?.type !== 'ACQUIRE') throw new Error('a grant ends with its ACQUIRE')
  const revision = revisionAfter(state.head, events.length)
  const known = state.leases.get(event.data.leaseId)
  const evicts = events.some(({ type, data }) => type === 'SCAVENGE' && data.leaseId === event.data.leaseId)
  const place = known === undefined || evicts ? revision : known.place
  return leaseAcquired(event.data, { revision, recordedAt: nowMs, place })
}

function grantEvents(state: LedgerState, request: Request, one: Grant): ProposedEvent[] {
  const evictions = one.evict.map(lease => evictionEvent(lease, request))
  const token = tokenAt(revisionAfter(state.head, evictions.length + 1))
  return [...evictions, acquireEvent(state, request, one.claim, token)]
}

function evictionEvent(lease: Lease, { command, nowMs, around }: Request): ProposedEvent {
  const { lane, leaseId, token, expiresAtMs, lastBeatAtMs } = lease
  return {
    type: 'SCAVENGE',
    data: {
      lane,
      leaseId,
      token,
      cause: 'expired',
      disposition: 'none',
      forced: false,
      evidence: { nowMs, expiresAt: expiresAtMs, lastBeatAt: lastBeatAtMs, ...clockEvidence(lease, around) },
      reason: `made way for ${command.holder}`,
    },
    ...(lease.runId === null ? {} : { runId: lease.runId }),
  }
}

function acquireEvent(state: LedgerState, { command, nowMs }: Request, claim: Claim, token: Token): ProposedEvent {
  const { config } = state
  const { runId, requestId, children, workTree } = command
  const attempt =
    runId === undefined ? undefined : state.attempts.get(attemptKey(laneKey(claim.lane, state.config), runId), nowMs)
  return {
    type: 'ACQUIRE',
    data: {
      lane: claim.lane,
      leaseId: leaseIdOf(claim.lane, token),
      holder: command.holder,
      kind: claim.kind,
      mode: claim.mode,
      region: claim.region,
      ...(workTree ? { workTree } : {}),
      ttlMs: Math.min(command.ttlMs ?? config.ttlDefaultMs, config.ttlCeilingMs),
      graceMs: config.graceMs,
      process: command.process,
      attempt: attempt?.attempt ?? 1,
      maxAttempts: command.maxAttempts,
      reap: command.reap,
      reason: command.reason,
      ...(children === undefined ? {} : { children }),
      ...(runId === undefined ? {} : { runId }),
      ...(requestId === undefined ? {} : { requestId }),
    },
    ...(runId === undefined ? {} : { runId }),
  }
}
