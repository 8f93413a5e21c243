import type { EpochMs } from '@holdfast/core'
import { problemResponse } from './problem.ts'

/** What each outcome of a command is answered with. */
const STATUS = {
  granted: 201,
  beaten: 200,
  released: 200,
  drained: 200,
  adopted: 200,
  scavenged: 200,
  recorded: 200,
  held: 200,
  refused: 409,
  ended: 410,
  'not-held': 410,
  'stale-token': 410,
  expired: 410,
  'in-grace': 410,
  draining: 410,
  'queue-full': 503,
} as const

const DETAIL: Readonly<Partial<Record<keyof typeof STATUS, string>>> = {
  refused: 'The request was understood and not granted; `blockers` says what is in the way, `next` what can be done.',
  ended: 'This request was granted once, and that lease has ended. Ask with a new Idempotency-Key.',
  'not-held': 'No live lease of that holder is on that lane.',
  'stale-token': 'The lane is leased under other tokens.',
  expired: 'The lease has expired.',
  'in-grace': 'The time of the lease is over; a heartbeat before `expiresAt` brings it back.',
  draining: 'The lease is held, but an older holder may believe in the same place until `until`.',
  'queue-full': 'Too many commands wait. Send it again.',
}

interface Answer {
  readonly outcome: keyof typeof STATUS
  readonly earliestRetryAt?: string | undefined
}

/** The answer of a command, which is a problem where it was not done. */
export function reply(answer: Answer, nowMs: EpochMs): Response {
  const status = STATUS[answer.outcome]
  if (status < 400) return json(answer, status)
  const { earliestRetryAt } = answer
  const seconds =
    earliestRetryAt === undefined ? null : Math.max(1, Math.ceil((Date.parse(earliestRetryAt) - nowMs) / 1000))
  const after = answer.outcome === 'queue-full' ? 1 : seconds
  const headers = after === null ? {} : { 'Retry-After': String(after) }
  // All that are not below 400 are statuses of a problem.
  const failed = status === 409 || status === 410 ? status : 503
  return problemResponse(failed, DETAIL[answer.outcome] ?? answer.outcome, answer, headers)
}

export function json(body: unknown, status = 200): Response {
  return new Response(`${JSON.stringify(body)}\n`, { status, headers: { 'Content-Type': 'application/json' } })
}
