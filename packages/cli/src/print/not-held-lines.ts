import type { NextStep } from '../schemas/next-step.ts'
import { nextLines } from './refusal-lines.ts'
import { tone } from './tone.ts'

type NotHeldTold = { readonly next: readonly NextStep[] } & (
  | { readonly outcome: 'not-held' }
  | { readonly outcome: 'stale-token'; readonly tokens: readonly number[] }
)

/** Says that a lease is not held at a token, and what is there instead. */
export function notHeldLines(lane: string, told: NotHeldTold): readonly string[] {
  const found =
    told.outcome === 'not-held'
      ? `${tone.bad('not held')}  ${lane}  no such lease is live`
      : `${tone.bad('stale token')}  ${lane}  the lane is held under ${told.tokens.join(', ')}`
  return [found, ...nextLines(told.next)]
}

export const QUEUE_FULL_LINES: readonly string[] = ['The ledger is busy: too many commands wait. Try again.']
