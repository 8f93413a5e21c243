import { randomUUID } from 'node:crypto'
import type { AcquireOutcome, HeartbeatOutcome, ReleaseOutcome } from '@holdfast/core'
import { parseDuration, type QueueFull } from '@holdfast/engine'
import { acquireCommand, commandOf } from '@holdfast/engine/served'
import { acquireAnswer } from '../answers/acquire-answer.ts'
import { checkAnswer } from '../answers/check-answer.ts'
import { haltToConfirm } from '../answers/halt-to-confirm.ts'
import { heartbeatAnswer, releaseAnswer } from '../answers/held-lease-answer.ts'
import type { Body } from './bodies.ts'
import { answeredLedger, askerOf, commandIdOf, sentAfterOf, surroundingsOf, type Call } from './call.ts'
import type { HttpParts } from './parts.ts'
import { closingProblem, Problem } from './problem.ts'
import { isGrantedTo } from '../granted-to.ts'
import { reply } from './reply.ts'
import { wordsOf } from './request-line.ts'

/** Asks for a lease, and waits for it if told to. */
export async function acquire(body: Body<'acquire'>, call: Call, { place, closing }: HttpParts): Promise<Response> {
  const { served, key, waitMs } = call
  const { ledger } = served.hosted
  const waits = waitMs !== null
  const requestId = key ?? (waits ? randomUUID() : undefined)
  const asked = acquireCommand({ ...body, requestId, workTree: null }, ledger.config, waits)
  const outcome = waits ? await waited(asked, waitMs, call) : await submitted<AcquireOutcome>(call, asked)
  // Whoever waited was not refused: it is asked again elsewhere, or soon.
  if (waits && outcome.outcome === 'refused' && closing.aborted) throw closingProblem()
  await demandOwnGrant(outcome, call)
  const nowMs = await ledger.now()
  const { lane, holder, region, paths, mode, kind, ttl, anyOf, allOf, runId, maxAttempts, reap, reason } = body
  const words = wordsOf('acquire', lane, {
    holder,
    region,
    path: paths,
    mode,
    kind,
    ttl: typeof ttl === 'number' ? `${ttl}ms` : ttl,
    'any-of': anyOf,
    'all-of': allOf === undefined ? undefined : 'CLAIMS.json',
    'run-id': runId,
    'request-id': key ?? undefined,
    'max-attempts': maxAttempts,
    reap,
    wait: waits ? `${waitMs}ms` : undefined,
    reason,
  })
  const refused = { ...surroundingsOf(call, { words, asker: holder, nowMs }), op: 'acquire', lane } as const
  const where = { store: ledger.url, ...place }
  return reply(acquireAnswer(outcome, { ledger: answeredLedger(served.hosted), place: where, refused, nowMs }), nowMs)
}

/** What another token was granted under the same key is not this one's: its bearer would be a second believer. */
async function demandOwnGrant(outcome: AcquireOutcome | QueueFull, { served, grant, key }: Call): Promise<void> {
  if (outcome.outcome !== 'granted' || !outcome.repeated) return
  if (await isGrantedTo(served.hosted.ledger, outcome.lease.token, grant.name)) return
  const message = `The key ${key} stands for a request that did not come by the token ${grant.name}, and that was granted. Nothing is yours; take another Idempotency-Key for another request.`
  throw new Problem(409, 'request-id-reused', message)
}

async function waited(
  command: ReturnType<typeof acquireCommand>,
  spanMs: number,
  call: Call,
): Promise<AcquireOutcome | QueueFull> {
  const { served } = call
  const { outcome } = await call.lasting(signal =>
    served.handlers.wait({ ...command }, { spanMs, signal, onRefused: () => {} }, askerOf(call)),
  )
  // The handler waits for a lease alone.
  return outcome as AcquireOutcome | QueueFull
}

/** Gives a lease up; whoever was asked to stop confirms that with it. */
export async function release(body: Body<'release'>, call: Call): Promise<Response> {
  const { lane, holder, token, reason } = body
  const { ledger } = call.served.hosted
  const halt = haltToConfirm(await ledger.refresh(), body, await ledger.now())
  const command = commandOf<'release'>(ledger.config, { type: 'release', ...body, causation: halt?.eventId })
  const outcome = await submitted<ReleaseOutcome>(call, command)
  const nowMs = await ledger.now()
  const words = wordsOf('release', lane, { holder, token, reason })
  const asked = { ...surroundingsOf(call, { words, asker: holder, nowMs }), op: 'release', lane, token } as const
  return reply(releaseAnswer(outcome, answeredLedger(call.served.hosted), asked), nowMs)
}

/** Renews a lease. */
export async function heartbeat(body: Body<'heartbeat'>, call: Call): Promise<Response> {
  const { lane, holder, token, activity, progress, reason } = body
  const { ledger } = call.served.hosted
  const announced = activity && {
    label: activity.label,
    expectedMs: parseDuration(activity.expected, 'activity.expected'),
  }
  const beat = { ...body, type: 'heartbeat', activity: announced } as const
  const answered = await call.served.handlers.submit(
    { ...commandOf<'heartbeat'>(ledger.config, beat) },
    { sentAfter: undefined },
    askerOf(call),
  )
  // The handler answers a beat with its outcome and what it confirms.
  const { outcome } = answered as { readonly outcome: HeartbeatOutcome | QueueFull }
  const nowMs = await ledger.now()
  const words = wordsOf('heartbeat', lane, {
    holder,
    token,
    activity: activity?.label,
    expect: activity === undefined ? undefined : String(activity.expected),
    progress,
    reason,
  })
  const asked = { ...surroundingsOf(call, { words, asker: holder, nowMs }), op: 'heartbeat', lane, token } as const
  return reply(heartbeatAnswer(outcome, answeredLedger(call.served.hosted), asked), nowMs)
}

/** Whether a lease is held at a token now. */
export async function check(body: Body<'check'>, call: Call): Promise<Response> {
  const { lane, token } = body
  const { ledger } = call.served.hosted
  const outcome = await ledger.check(lane, token)
  const nowMs = await ledger.now()
  const words = wordsOf('check', lane, { token })
  const asked = { ...surroundingsOf(call, { words, asker: null, nowMs }), op: 'check', lane, token } as const
  return reply(checkAnswer(outcome, answeredLedger(call.served.hosted), asked), nowMs)
}

/** Has a command decided under the id of its key. */
export async function submitted<O extends { readonly outcome: string }>(
  call: Call,
  command: { readonly type: string },
): Promise<O | QueueFull> {
  const given = { ...command, commandId: commandIdOf(call) }
  const answered = await call.served.handlers.submit(given, { sentAfter: sentAfterOf(call) }, askerOf(call))
  // The handler answers a command with an outcome of its type.
  return answered as O | QueueFull
}
