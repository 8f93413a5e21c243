import { type Configuration, type RefusalCode, type Refused as RefusedOutcome } from '@holdfast/core'
import { instantOf } from '@holdfast/projections'
import { plain } from '../text/plain.ts'
import { shellWord } from '../text/shell-word.ts'
import { clock } from '../text/times.ts'
import type { NextStep } from './schemas/next-step.ts'
import { blockerSteps, type Surroundings } from './lease-steps.ts'

/** Steps that one refusal names. */
const NEXT_MAX = 8

/** Wait where nobody knows how long it takes. */
const WAIT_UNKNOWN = '10m'

/** Room for the end of what is waited for, and for those who are in line. */
const WAIT_SPARE_MS = 5_000

/** Declared lanes that are named in the place of one that is not. */
const LANES_NAMED_MAX = 5

/** Longest configuration that is suggested as a line to type. */
const LINE_LENGTH_MAX = 2_000

export interface RefusedRequest extends Surroundings {
  readonly op: 'acquire' | 'adopt' | 'scavenge' | 'release'
  readonly lane: string
}

/** What can be done about a refusal, what helps most first; each command works when it is pasted. */
export function nextSteps(refused: RefusedOutcome, request: RefusedRequest): NextStep[] {
  const steps = [
    ...requestSteps(refused, request),
    ...refused.blockers.flatMap(blocker => blockerSteps(blocker, request)),
    ...forceSteps(refused.code, request),
  ]
  const seen = new Set<string>()
  return steps.filter(step => isNew(seen, step)).slice(0, NEXT_MAX)
}

function isNew(seen: Set<string>, { action, text, command }: NextStep): boolean {
  const key = JSON.stringify([action, text, command])
  if (seen.has(key)) return false
  seen.add(key)
  return true
}

/** What whoever asked can do with the request itself. */
function requestSteps(refused: RefusedOutcome, request: RefusedRequest): readonly NextStep[] {
  const { code } = refused
  const { typed } = request
  switch (code) {
    case 'lane-held':
    case 'region-held':
    case 'exclusive-lane-live':
    case 'budget-exhausted':
    case 'draining':
    case 'queued-behind':
      return [waitStep(refused, request)]
    case 'orphan-alive':
    case 'awaiting-reap':
      return request.op === 'acquire' ? [waitStep(refused, request)] : []
    case 'still-held':
      return [retryStep(refused, request)]
    case 'queue-full':
      return [{ action: 'retry', text: 'too many wait already: ask again later', command: typed.again() }]
    case 'unknown-lane':
      return unknownLaneSteps(request)
    case 'request-id-reused':
      return [newRequestStep('this request id stands for another request: take a new one', request)]
    case 'self-conflict':
      return [{ action: 'change', text: `ask for what can be held together; ${plain(refused.reason)}` }]
    case 'predicate-refused':
      return [{ action: 'change', text: `a local rule refuses it: ${plain(refused.reason)}` }]
    case 'held-by-self':
    case 'withdrawn':
      return []
  }
}

/** The same under a request id that nothing else stands for. */
export function newRequestStep(text: string, { typed, state }: Pick<RefusedRequest, 'typed' | 'state'>): NextStep {
  return { action: 'change', text, command: typed.again({ 'request-id': `${state.head}-again` }) }
}

function waitStep({ earliestRetryAt }: RefusedOutcome, { typed, moment, asker }: RefusedRequest): NextStep {
  const holder = asker === null || typed.has('holder') ? {} : { holder: asker }
  if (earliestRetryAt === undefined) {
    const command = typed.again({ ...holder, wait: WAIT_UNKNOWN })
    return { action: 'wait', text: 'wait in line; when it ends nobody knows', command }
  }
  const wait = waitSpan(earliestRetryAt - moment.nowMs)
  const text = `wait in line; unless something else happens it is yours at ${clock(earliestRetryAt)}`
  return { action: 'wait', text, command: typed.again({ ...holder, wait }), at: instantOf(earliestRetryAt) }
}

/** A span that is over a little later, in seconds or, where it is long, in minutes. */
function waitSpan(leftMs: number): string {
  const seconds = Math.ceil((Math.max(0, leftMs) + WAIT_SPARE_MS) / 1000)
  return seconds <= 300 ? `${seconds}s` : `${Math.min(Math.ceil(seconds / 60), WAIT_MINUTES_MAX)}m`
}

/** The longest span that is read: a year. */
const WAIT_MINUTES_MAX = 365 * 24 * 60

function retryStep({ earliestRetryAt, expiresAt }: RefusedOutcome, { typed }: RefusedRequest): NextStep {
  const fromMs = earliestRetryAt ?? expiresAt
  const step = { action: 'retry', command: typed.again() } as const
  if (fromMs === undefined) return { ...step, text: 'ask again once its holder is silent' }
  const text = `ask again at ${clock(fromMs)}: it may be ended then, unless its holder beats`
  return { ...step, text, at: instantOf(fromMs) }
}

/** An operator can always end what somebody else holds; what that risks is said. */
function forceSteps(code: RefusalCode, { op, typed }: RefusedRequest): readonly NextStep[] {
  if (op !== 'adopt' && op !== 'scavenge') return []
  if (code !== 'still-held' && code !== 'orphan-alive' && code !== 'awaiting-reap') return []
  const text = 'do it by force; what it covers stays closed for as long as the old holder may believe in it'
  return [{ action: 'force', text, command: typed.again({ force: true }) }]
}

function unknownLaneSteps({ lane, state: { config }, typed }: RefusedRequest): readonly NextStep[] {
  const known = Object.keys(config.lanes).slice(0, LANES_NAMED_MAX)
  const named = known.length === 0 ? 'none is declared' : `declared are ${known.map(plain).join(', ')}`
  const change: NextStep = { action: 'change', text: `ask for a declared lane (${named})` }
  return [change, declareStep(lane, config, typed)]
}

function declareStep(lane: string, { lanes }: Configuration, typed: RefusedRequest['typed']): NextStep {
  const text = 'declare it, for everybody'
  const settings = JSON.stringify({ lanes: { ...lanes, [lane]: {} } })
  const command =
    settings.length > LINE_LENGTH_MAX
      ? typed.call('config', ['show'])
      : `printf %s ${shellWord(settings)} | ${typed.call('config', ['set', '-'])}`
  return { action: 'configure', text, command }
}
