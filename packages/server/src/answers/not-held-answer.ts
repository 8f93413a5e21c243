import type { NotHeld, StaleToken, Token } from '@holdfast/core'
import { isSameLane } from '@holdfast/core/internal'
import { plain } from '../text/plain.ts'
import type { NextStep } from './schemas/next-step.ts'
import { drainSteps, type Surroundings } from './lease-steps.ts'

type NotHeldAnswer =
  | { readonly outcome: 'not-held'; next: NextStep[] }
  | { readonly outcome: 'stale-token'; tokens: StaleToken['tokens'][number][]; next: NextStep[] }

/** That no lease is live at a token, in the form of the answers, with what can be done about it. */
export function notHeldAnswer(found: NotHeld | StaleToken, request: NotHeldRequest): NotHeldAnswer {
  const next = notHeldSteps(found, request)
  if (found.outcome === 'not-held') return { outcome: 'not-held', next }
  return { outcome: 'stale-token', tokens: [...found.tokens], next }
}

/** Tokens of the lane that are suggested in the place of a stale one. */
const TOKENS_MAX = 3

/** How long is waited in line for a lane that was lost. */
const WAIT = '10m'

export interface NotHeldRequest extends Surroundings {
  readonly op: 'heartbeat' | 'release' | 'check' | 'adopt' | 'scavenge'
  readonly lane: string
  readonly token: Token | number
}

/** What can be done when no lease is live at a token, what helps most first; each command works when it is pasted. */
export function notHeldSteps(found: NotHeld | StaleToken, request: NotHeldRequest): NextStep[] {
  const { lane, typed } = request
  const look: NextStep = { action: 'look', text: 'see what became of it', command: typed.call('history', [lane]) }
  return [...ownDrain(request), ...otherTokens(found, request), ...askAgain(request), look]
}

/** It was taken by force: its holder opens what it covered by saying that it has stopped. */
function ownDrain(request: NotHeldRequest): readonly NextStep[] {
  const { state, moment, asker, lane, token } = request
  for (const [, entry] of state.draining.kept(moment.nowMs)) {
    const isMeant = isSameLane(entry.lane, lane, state.config) && entry.token === token && entry.holder === asker
    if (isMeant && entry.ledgerWide !== true) return drainSteps(entry, request)
  }
  return []
}

/**
 * The same command at the token of today, for who ends or takes over what is not theirs: without grounds it is refused.
 * By force it would end a lease that nobody has looked at, so it is not handed out then.
 */
function otherTokens(found: NotHeld | StaleToken, { op, typed }: NotHeldRequest): readonly NextStep[] {
  if (found.outcome === 'not-held' || (op !== 'adopt' && op !== 'scavenge') || typed.has('force')) return []
  const flag = op === 'adopt' ? 'expect-token' : 'token'
  return found.tokens.slice(0, TOKENS_MAX).map(token => {
    const command = typed.again({ [flag]: String(token) })
    return { action: 'retry', text: `if the lease of token ${token} is meant, say so`, command }
  })
}

/** Who held it has lost it. What was done under the old token stays lost, so a new lease begins with looking. */
function askAgain({ op, lane, token, asker, typed }: NotHeldRequest): readonly NextStep[] {
  if (asker === null || (op !== 'heartbeat' && op !== 'check')) return []
  const text = `nothing is held under token ${token}: stop what you do under it, and ask for ${plain(lane)} again, with its region`
  return [{ action: 'acquire', text, command: typed.call('acquire', [lane], { holder: asker, wait: WAIT }) }]
}
