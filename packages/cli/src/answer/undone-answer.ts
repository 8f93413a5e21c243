import type {
  AdoptOutcome,
  Blocked,
  EpochMs,
  HeartbeatOutcome,
  NotHeld,
  Refused as RefusedOutcome,
  ReleaseOutcome,
  ScavengeOutcome,
  StaleToken,
} from '@holdfast/core'
import type { Ledger, QueueFull } from '@holdfast/engine/lean'
import { EXIT } from '../failure/exit-code.ts'
import { notHeldLines, QUEUE_FULL_LINES, refusalLines } from '../print/refusal-lines.ts'
import type { Shell } from '../program/shell.ts'
import type { NextStep } from '../schemas/next-step.ts'
import type { Refused } from '../schemas/refused.ts'
import { surroundings, type Surroundings } from './lease-steps.ts'
import { notHeldAnswer, type NotHeldRequest } from './not-held-answer.ts'
import { refusedAnswer } from './refused-answer.ts'

// What adopt, release, scavenge and heartbeat have in common: the answers where nothing was done.

type Lost = NotHeld | StaleToken | QueueFull | Blocked
type LostAnswer = ReturnType<typeof notHeldAnswer> | { readonly outcome: 'queue-full' }

/** What is asked of a lease, and by whom, as far as the answer rests on it. */
export function askedOf<O extends NotHeldRequest['op']>(
  request: { readonly op: O; readonly lane: string; readonly token: number; readonly asker: string | null },
  { shell, ledger, nowMs }: { readonly shell: Shell; readonly ledger: Ledger; readonly nowMs: EpochMs },
): typeof request & Surroundings {
  return { ...surroundings(shell, ledger, nowMs), ...request }
}

/** That no lease of that token is live, or that the ledger is busy, in the form of the answers. */
export function lostAnswer(outcome: Lost, asked: NotHeldRequest): LostAnswer {
  switch (outcome.outcome) {
    case 'not-held':
    case 'stale-token':
      return notHeldAnswer(outcome, asked)
    case 'queue-full':
      return outcome
    case 'blocked':
      throw new Error(outcome.message)
  }
}

/** The same of a command that can be refused as well. */
export function undoneAnswer(
  outcome: RefusedOutcome | Lost,
  asked: NotHeldRequest & { readonly op: 'adopt' | 'release' | 'scavenge' },
): Refused | LostAnswer {
  return outcome.outcome === 'refused' ? refusedAnswer(outcome, asked) : lostAnswer(outcome, asked)
}

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
export function leaseExitCode({ outcome }: EndingOutcome): number {
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
