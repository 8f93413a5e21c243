import type { AcquireOutcome, EpochMs, Lease, RefusalCode, Blocker } from '@holdfast/core'
import { editLane } from '@holdfast/core/internal'
import type { Ledger } from '../ledger/ledger.ts'
import type { QueueFull } from '../pipeline/queue-full.ts'
import { EDIT_KIND, type ClaimPlan } from './claim-plan.ts'
import { beatWithinMs, isBeatDue, sessionLeases } from './own-leases.ts'

/** How long a session that has begun is shown as starting, unless it claims something. */
const STARTING = '5m'

/** How long a wait for a human is spoken of, unless it is said again; cut to the ledger's ceiling. */
const WAITING = '7d'

/** Ends a wait: what it leaves is gone at once. */
const OVER = '1ms'

/** Characters of a command that stand for it as the name of an activity. */
const LABEL_LENGTH_MAX = 120

/** A long run that a call announces. */
export interface LongRun {
  readonly label: string
  readonly spanMs: number
}

/**
 * Beats all leases of a session that are due, in one append. With a long run all of them are beaten, and live as long as it
 * may take. Answers how many beats were sent; a lease that is lost meanwhile answers for itself when it is looked at.
 */
export async function beatSession(
  ledger: Ledger,
  names: readonly string[],
  { nowMs, run, ends }: { readonly nowMs: EpochMs; readonly run: LongRun | null; readonly ends: boolean },
): Promise<number> {
  const own = names.flatMap(name => sessionLeases(ledger.state, name))
  const due = own.filter(lease => (run === null ? isBeatDue(lease, { nowMs, ends }) : needsRun(lease, run, nowMs)))
  const activity =
    run === null ? {} : { activity: { label: run.label.slice(0, LABEL_LENGTH_MAX), expected: run.spanMs } }
  const beats = due.map(lease => {
    const { lane, holder, token } = lease
    // Another call of the session may have been faster: what it has said need not be said again.
    const coalesceWithin = run === null && !ends ? beatWithinMs(lease) : 0
    return ledger.heartbeat({ lane, holder, token, coalesceWithin, ...activity })
  })
  await Promise.all(beats)
  return due.length
}

/** Whether a lease would end before the run may. */
function needsRun(lease: Lease, { spanMs, label }: LongRun, nowMs: EpochMs): boolean {
  return lease.safeUntilMs - nowMs < spanMs || lease.activity?.label !== label.slice(0, LABEL_LENGTH_MAX)
}

/** Says that a session has begun. */
export async function beginSession(ledger: Ledger, name: string): Promise<void> {
  await ledger.spawn({ lane: name, holder: name, runId: name, ttl: STARTING, reason: 'a session begins' })
}

/** Says that a session waits for a human. No lease is beaten. */
export async function waitForHuman(
  ledger: Ledger,
  name: string,
  waiting: { readonly for: string; readonly detail?: string },
): Promise<void> {
  await ledger.spawn({ lane: name, holder: name, runId: name, ttl: WAITING, waiting })
}

/** Says that a human has answered. */
export async function endWait(ledger: Ledger, name: string): Promise<void> {
  await ledger.spawn({ lane: name, holder: name, runId: name, ttl: OVER, reason: 'a human has answered' })
}

/** What the log says that a session waits for; `null`: nothing. */
export function waitOf(
  ledger: Ledger,
  name: string,
  nowMs: EpochMs,
): { readonly for: string; readonly detail?: string | undefined } | null {
  const waits = [...ledger.state.spawns.live(nowMs)].map(([, entry]) => entry)
  return (
    waits.find(({ holder, lane, waiting }) => holder === name && lane === name && waiting !== undefined)?.waiting ??
    null
  )
}

/** Gives up all leases of a session, in one append. A lease that was asked to stop is given up for that. Answers how many. */
export async function releaseSession(ledger: Ledger, name: string, reason: string): Promise<readonly Lease[]> {
  const nowMs = await ledger.now()
  const halts = [...ledger.state.halts.live(nowMs)].map(([, halt]) => halt)
  const own = sessionLeases(ledger.state, name)
  const outcomes = await Promise.all(
    own.map(({ lane, holder, token, leaseId }) => {
      const halt = halts.find(each => each.leaseId === leaseId && each.token === token && each.confirmedAtMs === null)
      return ledger.release({ lane, holder, token, reason, causation: halt?.eventId })
    }),
  )
  return own.filter((_, place) => outcomes[place]?.outcome === 'released')
}

/** What became of a claim. */
export type ClaimOutcome =
  | { readonly outcome: 'claimed'; readonly leases: readonly Lease[] }
  | {
      readonly outcome: 'refused'
      readonly code: RefusalCode | QueueFull['outcome']
      readonly blockers: readonly Blocker[]
      readonly refusalId: string | null
    }

/**
 * Claims what was planned: all of it in one append, or nothing. Own leases that a folder takes the place of are given up in
 * that append; where the folder was taken meanwhile, they are claimed again, file by file, with what was asked for.
 */
export async function claimPlanned(
  ledger: Ledger,
  { paths, instead }: Extract<ClaimPlan, { readonly plan: 'claim' }>,
  claim: {
    readonly name: string
    readonly ttl: string
    readonly files: readonly string[]
    readonly reason?: string | undefined
  },
): Promise<ClaimOutcome> {
  const releases = instead.map(({ lane, holder, token }) => {
    return ledger.release({ lane, holder, token, reason: 'its folder is claimed in its place' })
  })
  const [outcome] = await Promise.all([acquireAll(ledger, paths, claim), ...releases])
  if (outcome.outcome === 'granted') return { outcome: 'claimed', leases: outcome.leases }
  if (instead.length === 0) return refusedBy(outcome)
  const before = instead.flatMap(({ lane }) => (lane.startsWith(editLane('')) ? [lane.slice(editLane('').length)] : []))
  const again = await acquireAll(ledger, [...new Set([...before, ...claim.files])], claim)
  return again.outcome === 'granted' ? { outcome: 'claimed', leases: again.leases } : refusedBy(again)
}

function acquireAll(
  ledger: Ledger,
  paths: readonly string[],
  { name, ttl, reason }: { readonly name: string; readonly ttl: string; readonly reason?: string | undefined },
): Promise<AcquireOutcome | QueueFull> {
  const [first = '', ...others] = paths
  const of = (path: string) => ({ lane: editLane(path), paths: [path], kind: EDIT_KIND })
  return ledger.acquire({ ...of(first), allOf: others.map(of), holder: name, runId: name, ttl, reason })
}

function refusedBy(outcome: Exclude<AcquireOutcome | QueueFull, { readonly outcome: 'granted' }>): ClaimOutcome {
  switch (outcome.outcome) {
    case 'refused': {
      const { code, blockers, refusalId } = outcome
      return { outcome: 'refused', code, blockers, refusalId }
    }
    case 'queue-full':
      return { outcome: 'refused', code: 'queue-full', blockers: [], refusalId: null }
    case 'ended':
    case 'blocked':
      throw new Error(`a claim without a request id was answered ${outcome.outcome}`)
  }
}
