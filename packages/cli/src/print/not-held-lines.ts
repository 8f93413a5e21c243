import { tone } from './tone.ts'

/** Says that a lease is not held at a token, and what is there instead. */
export function notHeldLines(
  lane: string,
  told: { readonly outcome: 'not-held' } | { readonly outcome: 'stale-token'; readonly tokens: readonly number[] },
): readonly string[] {
  if (told.outcome === 'not-held') return [`${tone.bad('not held')}  ${lane}  no such lease is live`]
  return [`${tone.bad('stale token')}  ${lane}  the lane is held under ${told.tokens.join(', ')}`]
}

export const QUEUE_FULL_LINES: readonly string[] = ['The ledger is busy: too many commands wait. Try again.']
