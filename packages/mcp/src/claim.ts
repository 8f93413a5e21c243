import type { AcquireOutcome, Lease, Refused } from '@holdfast/core'
import { parseDuration, type QueueFull } from '@holdfast/engine'
import { acquireCommand } from '@holdfast/engine/served'
import { leaseAnswer, refusedAnswer } from '@holdfast/server/answers'
import { plain } from '@holdfast/server/text'
import { laneOf, type At } from './desk.ts'
import { mayBeat } from './renew.ts'
import { mayAct } from './session.ts'
import { around } from './surroundings.ts'
import type { ClaimInput } from './tools.ts'
import type { Step, Told } from './told.ts'
import { blockerWords, coversOf, inTheWay, secondsUntil, timeOf } from './words.ts'

/** How long a lease lives after the last call, where neither the call nor the ledger says otherwise. */
const TTL_MS = 15 * 60_000

/** What a refusal suggests to wait: clients commonly give a call up after a minute. */
const WAIT_SUGGESTED_S = 45

/** Things in the way that a short answer names. */
const BLOCKERS_NAMED_MAX = 5

/** `claim`: asks for a lease, and waits in line for it if told to. */
export async function claim(input: ClaimInput, at: At): Promise<Told> {
  const { desk, served, state, cancelled } = at
  const { session } = desk
  const { ledger } = served.hosted
  const holder = desk.holder()
  const lane = laneOf(input, desk)
  if (lane === undefined) {
    return told('refused', 'Name what you want: paths (files or folders), globs, or a lane.', [])
  }
  desk.demand({ rights: ['acquire'], lanes: [lane], holders: [holder] })
  const waitMs = (input.wait_seconds ?? 0) * 1000
  const waits = waitMs > 0
  const command = acquireCommand(
    {
      lane,
      holder,
      region: desk.region(input),
      mode: input.shared === true ? 'shared' : 'exclusive',
      ttl: input.ttl_seconds === undefined ? Math.min(TTL_MS, state.config.ttlCeilingMs) : `${input.ttl_seconds}s`,
      requestId: `${session.requestPrefix}${input.request_id}`,
      workTree: desk.workTree,
      reason: input.reason,
    },
    ledger.config,
    waits,
  )
  const asker = desk.asker()
  const outcome = waits
    ? await desk.lasting(async signal => {
        const ends = AbortSignal.any([signal, cancelled])
        const waited = await served.handlers.wait(
          { ...command },
          { spanMs: parseDuration(waitMs, 'wait_seconds'), signal: ends, onRefused: () => {} },
          asker,
        )
        return waited.outcome
      })
    : await served.handlers.submit({ ...command }, { sentAfter: undefined }, asker)
  // The handler answers a request for a lease with an outcome of its type.
  return answer(outcome as AcquireOutcome | QueueFull, input, lane, at)
}

async function answer(outcome: AcquireOutcome | QueueFull, input: ClaimInput, lane: string, at: At): Promise<Told> {
  switch (outcome.outcome) {
    case 'granted':
      return granted(outcome.lease, outcome.repeated, input, at)
    case 'refused':
      return refused(outcome, input, lane, at)
    case 'ended': {
      const { leaseId, how } = outcome
      const text = `This request was granted before as ${leaseId}, and that lease has ended (${how}). Nothing is yours now.`
      return told('ended', text, [again(input, { request_id: otherId(input.request_id) }, 'ask anew')])
    }
    case 'queue-full':
      return told('busy', 'Too many ask at once; nothing was done.', [again(input, {}, 'ask again in a moment')])
    case 'blocked':
      throw new Error(outcome.message)
  }
}

/** A repeat may come after the lease was lost: only what is held now is told as held. */
async function granted(given: Lease, repeated: boolean, input: ClaimInput, { desk, served }: At): Promise<Told> {
  const { hosted } = served
  if (repeated && !(await desk.wasGranted(given, served))) {
    const text = 'This request_id stands for a request of somebody else, which was granted. Nothing is yours.'
    return told('refused', text, [
      again(input, { request_id: otherId(input.request_id) }, 'ask with an id of your own'),
    ])
  }
  const state = await hosted.ledger.refresh()
  const nowMs = await hosted.ledger.now()
  const found = await hosted.ledger.check(given.lane, given.token)
  if (found.outcome !== 'held' || !mayAct(found.lease, nowMs)) {
    const text =
      found.outcome === 'draining'
        ? `${given.leaseId} is granted, but do not write yet: an older holder may still believe in it until ${timeOf(found.untilMs)}.`
        : `${given.leaseId} was granted, and is not held any more. Nothing is yours now.`
    if (found.outcome === 'draining') desk.session.took(given)
    const id = found.outcome === 'draining' ? input.request_id : otherId(input.request_id)
    return told('refused', text, [again(input, { request_id: id }, 'ask again, and hear whether you may write')])
  }
  const { lease } = found
  desk.session.took(lease)
  const { leaseId, lane, holder, safeUntilMs, ttlMs } = lease
  const renewed = mayBeat(desk, lane, holder)
    ? `It lasts ${Math.floor(ttlMs / 1000)} s after your last call of any of these tools; without one it is over at ${timeOf(safeUntilMs)}, and you must not write any more.`
    : `It cannot be renewed (your token lacks the right heartbeat): it is over at ${timeOf(safeUntilMs)}.`
  const before = repeated ? ' (as you were told, or should have been)' : ''
  const text = `${plain(leaseId)} is yours${before}: ${coversOf(lease)}. ${renewed}`
  const next: Step[] = [
    { tool: 'release', arguments: { lease: leaseId, request_id: `end-${input.request_id}` }, why: 'when you are done' },
  ]
  return {
    ...told('granted', text, next),
    lease: leaseId,
    seconds: secondsUntil(safeUntilMs, nowMs),
    until: timeOf(safeUntilMs),
    ...(input.detail === 'full' ? { full: leaseAnswer(lease, { state }, nowMs) } : {}),
  }
}

async function refused(outcome: Refused, input: ClaimInput, lane: string, at: At): Promise<Told> {
  const { code, blockers, moreBlockers, reason, earliestRetryAt } = outcome
  const { hosted } = at.served
  const nowMs = await hosted.ledger.now()
  const named = blockers.slice(0, BLOCKERS_NAMED_MAX)
  const more = blockers.length - named.length + moreBlockers
  const words = [
    ...named.map(blockerWords),
    ...(more > 0 ? [`${more} more are in the way`] : []),
    ...(reason === '' ? [] : [plain(reason)]),
  ]
  const isOthers = code === 'held-by-self' && !blockers.some(blocker => isOwn(blocker, at))
  const hint = isOthers
    ? ' That holder has your name, but it is not this session: another one may be at work there. Its lease ends by itself; a person can end it earlier.'
    : ''
  const text = `Not granted (${code}): ${words.join('; ')}.${hint} Do not write there.`
  const full = refusedAnswer(outcome, { ...around(at, { nowMs, asker: null }), op: 'acquire', lane })
  return {
    ...told('refused', text, nextOf(outcome, input, lane, at)),
    in_the_way: named.map(inTheWay),
    ...(earliestRetryAt === undefined ? {} : { until: timeOf(earliestRetryAt) }),
    ...(input.detail === 'full' ? { full: { ...full, next: [] } } : {}),
  }
}

function isOwn({ leaseId, token }: Refused['blockers'][number], { desk, state }: At): boolean {
  const lease = leaseId === null ? undefined : state.leases.get(leaseId)
  return lease !== undefined && lease.token === token && desk.session.owns(lease, state)
}

function nextOf({ code, blockers }: Refused, input: ClaimInput, lane: string, at: At): readonly Step[] {
  const why: Step = { tool: 'why', arguments: { about: lane }, why: 'see who holds what, and since when' }
  switch (code) {
    case 'lane-held':
    case 'region-held':
    case 'exclusive-lane-live':
    case 'budget-exhausted':
    case 'draining':
    case 'queued-behind':
    case 'orphan-alive':
    case 'awaiting-reap':
    case 'still-held':
      return [
        again(input, { wait_seconds: WAIT_SUGGESTED_S }, 'wait in line for it; repeat as long as it is refused'),
        { tool: 'status', arguments: {}, why: 'or work elsewhere: see who holds what' },
        why,
      ]
    case 'queue-full':
      return [again(input, {}, 'too many wait: ask again in a minute')]
    case 'request-id-reused':
      return [again(input, { request_id: otherId(input.request_id) }, 'this request_id stands for another claim')]
    case 'held-by-self': {
      const own = blockers.find(blocker => isOwn(blocker, at))
      if (own === undefined || own.leaseId === null) return [why]
      const release = { lease: own.leaseId, request_id: `end-${own.leaseId}` }
      return [
        { tool: 'status', arguments: {}, why: 'you hold it already: see what your lease covers, and work under it' },
        { tool: 'release', arguments: release, why: 'or give it up first, to claim something else there' },
      ]
    }
    case 'unknown-lane':
    case 'self-conflict':
    case 'predicate-refused':
    case 'withdrawn':
      return [{ tool: 'explain', arguments: { topic: code }, why: 'see what this means' }]
  }
}

function again({ detail: _, ...same }: ClaimInput, changed: Partial<ClaimInput>, why: string): Step {
  return { tool: 'claim', arguments: { ...same, ...changed }, why }
}

/** Another id, by a rule, so that its repeat is a repeat as well. */
function otherId(id: string): string {
  return `${id.slice(0, 90)}-again`
}

function told(outcome: string, text: string, next: readonly Step[]): Told {
  return { outcome, text, next }
}
