import type { Lease, ReapPlan, Token } from '@holdfast/core'
import { dispositionOf } from '@holdfast/core/internal'
import { pause, type Timers } from '../clock/timers.ts'
import type { HeldLease } from '../hold/held-lease.ts'
import type { ProcessProbe } from '../process/probe.ts'
import type { Gate, ReapUnit } from './reap-unit.ts'

/** Time between two looks at the children of a claimed lease. */
const CHILDREN_LOOK_MS = 500

/** First pause before a failed effect is tried again; it doubles up to the maximum. */
const EFFECT_RETRY_MIN_MS = 200
const EFFECT_RETRY_MAX_MS = 10_000

/** What an effect is given besides the unit. */
export interface EffectContext {
  /** Fencing token of the claim: hand it to whatever the effect changes. */
  readonly token: Token
  /** How the work ended. */
  readonly disposition: ClaimResult['disposition']
  /** Aborts when the claim is lost: stop, somebody else acts now. */
  readonly signal: AbortSignal
  /** Record a process that carries the effect out, so that the next claimer waits for it. */
  readonly recordChildren: HeldLease['beat']
}

/** What a reaper does about work that ended; at least once for each key, so it must bear being repeated. */
export type Effect = (unit: ReapUnit, context: EffectContext) => void | Promise<void>

export interface ClaimedWork {
  readonly held: HeldLease
  /** The lease as it was before the claim. */
  readonly before: Lease
  readonly plan: ReapPlan
  readonly gate: Gate | undefined
  readonly effect: Effect | undefined
  readonly effectAttempts: number
  readonly timers: Timers
  readonly probe: ProcessProbe
}

/** How the work under a claim ended. */
export interface ClaimResult {
  readonly disposition: 'retry' | 'failed' | 'done'
  readonly effect: 'ran' | 'failed' | 'none'
  readonly detail: string
}

/**
 * What happens under a claim, before it is closed: wait for recorded children, ask the gate, run the effect, again and
 * again until it succeeds or has failed often enough. Rejects with the loss when the claim is lost.
 */
export async function workUnderClaim(work: ClaimedWork): Promise<ClaimResult> {
  await childrenEnded(work)
  const unit = unitOf(work)
  const disposition = work.plan.disposition ?? (await askGate(work, unit))
  const { effect, plan } = work
  // An adoption of running children was planned before it was known how they end: the effect comes after them.
  const runsEffect = plan.runsEffect || plan.verdict === 'adopt'
  if (effect === undefined || !runsEffect) return { disposition, effect: 'none', detail: '' }
  let pauseMs = EFFECT_RETRY_MIN_MS
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work.held.guard((token, signal) =>
        effect(unit, { token, signal, disposition, recordChildren: details => work.held.beat(details) }),
      )
      return { disposition, effect: 'ran', detail: '' }
    } catch (error) {
      if (work.held.signal.aborted) throw work.held.signal.reason
      const detail = `the effect failed ${attempt} times: ${error instanceof Error ? error.message : String(error)}`
      if (attempt >= work.effectAttempts) return { disposition: 'failed', effect: 'failed', detail }
      await pause(work.timers, pauseMs, work.held.signal)
      pauseMs = Math.min(pauseMs * 2, EFFECT_RETRY_MAX_MS)
    }
  }
}

function unitOf({ held, before }: ClaimedWork): ReapUnit {
  const { claim } = held.lease
  if (claim === null) throw new Error('a claimed lease has a claim')
  return { lease: before, key: claim.key, cause: claim.cause, exit: claim.exit, attempt: claim.attempt }
}

/** The region stays closed while they run: the claim is beaten meanwhile. */
async function childrenEnded({ held, before, timers, probe }: ClaimedWork): Promise<void> {
  while (before.children.some(child => probe(child) === 'alive')) {
    await pause(timers, CHILDREN_LOOK_MS, held.signal)
    if (held.signal.aborted) throw held.signal.reason
  }
}

/** The gate is read-only and asked under the claim's token; one that cannot tell even now counts as red. */
async function askGate(work: ClaimedWork, unit: ReapUnit): Promise<ClaimResult['disposition']> {
  const { gate, before, held } = work
  const lease = { ...before, claim: held.lease.claim, exit: null, alreadyAdvanced: false }
  const colour = gate === undefined ? 'none' : await work.held.guard((token, signal) => gate(unit, { token, signal }))
  return dispositionOf({ lease, gate: colour === 'unknown' ? 'red' : colour }) ?? 'failed'
}
