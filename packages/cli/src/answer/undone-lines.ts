import type { AdoptOutcome, HeartbeatOutcome, ReleaseOutcome, ScavengeOutcome } from '@holdfast/core'
import type { QueueFull } from '@holdfast/engine/lean'
import type { NextStep, Refused } from '@holdfast/server/schemas'
import { notHeldLines, QUEUE_FULL_LINES, refusalLines } from '@holdfast/server/text'
import { EXIT } from '../failure/exit-code.ts'

// What adopt, release, scavenge and heartbeat have in common: what is told where nothing was done, and what they end with.

type UndoneTold =
  | Refused
  | { readonly outcome: 'not-held'; readonly next: readonly NextStep[] }
  | { readonly outcome: 'stale-token'; readonly tokens: readonly number[]; readonly next: readonly NextStep[] }
  | { readonly outcome: 'queue-full' }

/** What is printed of an answer where nothing was done. */
export function undoneLines(lane: string, answer: UndoneTold, nowMs: number): readonly string[] {
  switch (answer.outcome) {
    case 'refused':
      return refusalLines(lane, answer, nowMs)
    case 'not-held':
    case 'stale-token':
      return notHeldLines(lane, answer)
    case 'queue-full':
      return QUEUE_FULL_LINES
  }
}

type EndingOutcome = AdoptOutcome | ReleaseOutcome | ScavengeOutcome | HeartbeatOutcome | QueueFull

/** What a command ends with that keeps, gives up, takes over or ends a lease. */
export function leaseExitCode({ outcome }: Pick<EndingOutcome, 'outcome'>): number {
  switch (outcome) {
    case 'released':
    case 'drained':
    case 'adopted':
    case 'scavenged':
    case 'beaten':
      return EXIT.done
    case 'refused':
      return EXIT.refused
    case 'not-held':
    case 'stale-token':
      return EXIT.notHeld
    case 'queue-full':
      return EXIT.unavailable
    case 'blocked':
      return EXIT.untrusted
  }
}
