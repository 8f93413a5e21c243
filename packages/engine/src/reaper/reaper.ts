import {
  liveLeases,
  planReap,
  type EpochMs,
  type Lease,
  type LeaseId,
  type LedgerState,
  type ReapEvidence,
  type ReapPlan,
  type ReapStreak,
  type Token,
} from '@holdfast/core'
import { BehaviorSubject, type Observable } from 'rxjs'
import { systemBootClock, type BootClock } from '@holdfast/store'
import { checkLedger } from '../check-given.ts'
import { systemTimers, type Timers } from '../clock/timers.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { systemProbe, type ProcessProbe } from '../process/probe.ts'
import { checkReaperOptions } from './check-reaper-options.ts'
import { workUnderClaim } from './claimed-work.ts'
import { progressText } from './progress-text.ts'
import { reapInput, type FailedWork } from './reap-unit.ts'
import type { ReaperOptions } from './reaper-options.ts'
import { countAction, NO_TOTALS, type ReapAction, type ReaperStatus } from './reaper-status.ts'

/** Default time between ticks. */
export const REAP_INTERVAL_MS = 15_000

/** Ticks further apart than this many intervals do not count as consecutive: the reaper slept. */
const TICK_GAP_INTERVALS = 3

/** Share of the interval by which ticks are spread, so that many reapers do not move in step. */
const JITTER_PART = 0.1

/** Leases that one tick handles at once. */
const UNITS_AT_ONCE = 8

/**
 * Ends leases whose work is over. Each is judged by the pure planner on evidence gathered at the tick; whoever wins the
 * claim acts, everybody else does nothing. It never raises out of a tick, one failing lease never stops the others, and
 * it kills no process.
 */
export class Reaper implements AsyncDisposable {
  readonly #ledger: Ledger
  readonly #options: ReaperOptions
  readonly #timers: Timers
  readonly #boot: BootClock
  readonly #probe: ProcessProbe
  readonly #intervalMs: number
  readonly #status: BehaviorSubject<ReaperStatus>
  readonly #effectFailures = new Map<LeaseId, number>()
  /** Leases that this reaper is at work on. */
  readonly #busy = new Set<LeaseId>()
  /** Spinning leases that somebody was told of, until they move again. */
  readonly #proposed = new Map<LeaseId, Token>()
  #streaks = new Map<LeaseId, ReapStreak>()
  #enabled: boolean
  #cancel: (() => void) | null = null
  readonly #underWay = new Set<Promise<unknown>>()

  /** @throws InputError for options that cannot be meant. */
  constructor(ledger: Ledger, options: ReaperOptions) {
    checkReaperOptions(options)
    checkLedger(ledger)
    this.#ledger = ledger
    this.#options = options
    this.#timers = options.timers ?? systemTimers
    this.#boot = options.boot ?? systemBootClock()
    this.#probe = options.probe ?? systemProbe
    this.#intervalMs = options.intervalMs ?? REAP_INTERVAL_MS
    this.#enabled = options.enabled ?? true
    this.#status = new BehaviorSubject<ReaperStatus>({
      enabled: this.#enabled,
      running: false,
      intervalMs: this.#intervalMs,
      lastRunAtMs: null,
      lastAction: null,
      lastError: null,
      totals: NO_TOTALS,
    })
  }

  status(): ReaperStatus {
    return this.#status.value
  }

  /** The status now and after each change. */
  get status$(): Observable<ReaperStatus> {
    return this.#status.asObservable()
  }

  /** The kill switch. What is under way is finished. */
  set enabled(enabled: boolean) {
    this.#enabled = enabled
    this.#publish({ enabled })
  }

  /** Begins to tick; a second start changes nothing. */
  start(): void {
    if (this.#cancel !== null) return
    this.#publish({ running: true })
    this.#schedule(0)
  }

  /** Ends the loop and waits for what is under way, effects included. Idempotent. */
  async stop(): Promise<void> {
    this.#cancel?.()
    this.#cancel = null
    await Promise.all(this.#underWay)
    this.#publish({ running: false })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    this.#status.complete()
  }

  /** One look at every lease, and what follows from it. Never rejects: what failed is among the actions. */
  async reapOnce(): Promise<readonly ReapAction[]> {
    if (!this.#enabled) return []
    let state: LedgerState
    let nowMs: EpochMs
    try {
      state = await this.#ledger.refresh()
      nowMs = await this.#ledger.now()
    } catch (error) {
      const { totals } = this.#status.value
      const lastError = error instanceof Error ? error : new Error(String(error))
      this.#publish({ lastError, totals: { ...totals, ticks: totals.ticks + 1, errors: totals.errors + 1 } })
      return []
    }
    const leases = liveLeases(state).filter(({ leaseId }) => !this.#busy.has(leaseId))
    this.#forgetEnded(state)
    const actions: ReapAction[] = []
    for (let at = 0; at < leases.length; at += UNITS_AT_ONCE) {
      // A later tick may have begun with one of them while this one waited for an effect.
      const free = leases.slice(at, at + UNITS_AT_ONCE).filter(({ leaseId }) => !this.#busy.has(leaseId))
      actions.push(...(await Promise.all(free.map(lease => this.#reapOne(lease, { state, nowMs })))))
    }
    const { totals } = this.#status.value
    this.#publish({ lastRunAtMs: nowMs, lastError: null, totals: { ...totals, ticks: totals.ticks + 1 } })
    return actions
  }

  /** A long effect holds up no tick: what is under way is left out of the next ones. */
  #schedule(spanMs: number): void {
    this.#cancel = this.#timers.after(spanMs, () => {
      this.#schedule(this.#nextSpanMs())
      const tick = this.reapOnce()
      this.#underWay.add(tick)
      void tick.finally(() => this.#underWay.delete(tick))
    })
  }

  #nextSpanMs(): number {
    const random = this.#options.random ?? Math.random
    return this.#intervalMs * (1 + JITTER_PART * (2 * random() - 1))
  }

  async #reapOne(lease: Lease, { state, nowMs }: Tick): Promise<ReapAction> {
    const about = { leaseId: lease.leaseId, lane: lease.lane, token: lease.token, atMs: nowMs }
    this.#busy.add(lease.leaseId)
    let plan = LEAVE
    try {
      plan = await this.#plan(lease, { state, nowMs })
      if (plan.verdict !== 'propose-halt') this.#proposed.delete(lease.leaseId)
      if (plan.streak === null) this.#streaks.delete(lease.leaseId)
      else this.#streaks.set(lease.leaseId, plan.streak)
      const done = this.#options.dryRun === true ? PLANNED : await this.#act(lease, plan)
      return this.#note({ ...about, plan, ...done })
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      return this.#note({ ...about, plan, result: 'failed', disposition: null, detail })
    } finally {
      this.#busy.delete(lease.leaseId)
    }
  }

  async #plan(lease: Lease, { state, nowMs }: Tick): Promise<ReapPlan> {
    const moving = await this.#options.spinning?.(lease, { state, nowMs })
    const evidence: ReapEvidence = {
      nowMs: this.#boot.nowMs(),
      process: lease.process === null ? 'unknown' : this.#probe(lease.process),
      children: lease.children.map(child => this.#probe(child)),
      gate: this.#options.gate === undefined ? 'none' : 'not-run',
      spinning: moving?.spinning ?? false,
      progress: moving?.progress,
      effectFailures: this.#effectFailures.get(lease.leaseId) ?? 0,
    }
    return planReap(
      reapInput(lease, {
        nowMs,
        times: this.#ledger.countedTimes(lease, nowMs),
        evidence,
        config: this.#ledger.config,
        streak: this.#streaks.get(lease.leaseId) ?? null,
        hasEffect: this.#options.onReaped !== undefined,
        maxTickGapMs: this.#intervalMs * TICK_GAP_INTERVALS,
        alreadyAdvanced: (await this.#options.alreadyAdvanced?.(lease)) ?? false,
      }),
    )
  }

  async #act(lease: Lease, plan: ReapPlan): Promise<Done> {
    switch (plan.verdict) {
      case 'leave':
        return { result: 'left', disposition: null, detail: plan.reason }
      case 'propose-halt':
        return this.#proposeHalt(lease, plan)
      case 'evict':
        return this.#evict(lease, plan)
      case 'adopt':
      case 'claim':
        return this.#claim(lease, plan)
    }
  }

  async #proposeHalt(lease: Lease, plan: ReapPlan): Promise<Done> {
    const state = await this.#ledger.refresh()
    const pending = [...state.halts.live(state.clockMs)].some(([, halt]) => halt.token === lease.token)
    if (pending) return { result: 'left', disposition: null, detail: 'a HALT is on its way already' }
    if (this.#options.haltSpinning !== true) {
      if (this.#proposed.get(lease.leaseId) === lease.token) {
        return { result: 'left', disposition: null, detail: 'a HALT is proposed already' }
      }
      this.#proposed.set(lease.leaseId, lease.token)
      return { result: 'halt-proposed', disposition: null, detail: plan.reason }
    }
    const handle = `reaper:${lease.leaseId}`
    await this.#ledger.halt({ handle, lane: lease.lane, leaseId: lease.leaseId, reason: haltReason(plan) })
    return { result: 'halt-recorded', disposition: null, detail: plan.reason }
  }

  async #evict(lease: Lease, plan: ReapPlan): Promise<Done> {
    const { lane, token } = lease
    const { cause, disposition } = plan
    const outcome = await this.#ledger.scavenge({
      lane,
      token,
      cause: cause ?? undefined,
      disposition: disposition ?? 'none',
      reason: plan.reason,
    })
    if (outcome.outcome === 'scavenged') {
      const exit = lease.exit?.status
      const ended = { lease, cause: cause ?? 'manual', exit, attempt: lease.attempt, key: null, reason: plan.reason }
      return this.#ended(disposition, ended)
    }
    return { result: outcome.outcome === 'refused' ? 'refused' : 'lost', disposition: null, detail: outcome.outcome }
  }

  async #claim(lease: Lease, plan: ReapPlan): Promise<Done> {
    const { holder, gate, onReaped } = this.#options
    const cause = plan.cause ?? 'expired'
    const request = {
      lane: lease.lane,
      newHolder: holder,
      expectToken: lease.token,
      claim: { cause },
      reason: plan.reason,
    }
    const claimed = await this.#ledger.holdAdopted(request)
    if (claimed.outcome !== 'granted') {
      const result = claimed.outcome === 'refused' ? 'refused' : 'lost'
      return { result, disposition: null, detail: claimed.outcome }
    }
    const held = claimed.lease
    try {
      const { effectAttempts } = this.#ledger.config
      const ports = { timers: this.#timers, probe: this.#probe, gate, effect: onReaped }
      const worked = await workUnderClaim({ ...ports, held, before: lease, plan, effectAttempts })
      if (worked.effect === 'failed') this.#effectFailures.set(lease.leaseId, effectAttempts)
      const { disposition, effect, detail } = worked
      const closing = { lane: held.lane, token: held.token, holder, disposition, effect, reason: detail || plan.reason }
      const closed = await this.#ledger.scavenge(closing)
      if (closed.outcome !== 'scavenged') return { result: 'lost', disposition: null, detail: closed.outcome }
      const { key = null, exit, attempt = lease.attempt } = held.lease.claim ?? {}
      return await this.#ended(disposition, { lease, cause, exit, attempt, key, reason: detail || plan.reason })
    } finally {
      held.abandon()
    }
  }

  /** The work has ended whatever becomes of the notification. */
  async #ended(disposition: ReapPlan['disposition'], ended: FailedWork): Promise<Done> {
    const done: Done = { result: 'reaped', disposition, detail: ended.reason }
    if (disposition !== 'failed') return done
    try {
      await this.#options.onFailed?.(ended)
      return done
    } catch (error) {
      const { totals } = this.#status.value
      this.#publish({ totals: { ...totals, errors: totals.errors + 1 } })
      const why = error instanceof Error ? error.message : String(error)
      return { ...done, detail: `${ended.reason}; telling of it failed: ${why}` }
    }
  }

  #note(action: ReapAction): ReapAction {
    const { totals } = this.#status.value
    const notable = action.result === 'left' ? {} : { lastAction: action }
    this.#publish({ totals: countAction(totals, action), ...notable })
    this.#options.onAction?.(action)
    return action
  }

  #publish(change: Partial<ReaperStatus>): void {
    this.#status.next({ ...this.#status.value, ...change })
  }

  #forgetEnded(state: LedgerState): void {
    this.#streaks = new Map([...this.#streaks].filter(([leaseId]) => state.leases.has(leaseId)))
    for (const leaseId of this.#effectFailures.keys()) {
      if (!state.leases.has(leaseId)) this.#effectFailures.delete(leaseId)
    }
    for (const leaseId of this.#proposed.keys()) {
      if (!state.leases.has(leaseId)) this.#proposed.delete(leaseId)
    }
  }
}

/** One look at the ledger. The state is the ledger's own, so it may move on meanwhile; the lease at hand does not. */
interface Tick {
  readonly state: LedgerState
  readonly nowMs: EpochMs
}

/** A HALT says in the log what it rests on: its holder, and whoever reads it a year later, has no other evidence. */
function haltReason({ reason, evidence: { progress } }: ReapPlan): string {
  return progress === undefined ? reason : `${reason} (${progressText(progress)})`
}

type Done = Pick<ReapAction, 'result' | 'disposition' | 'detail'>

const PLANNED: Done = { result: 'planned', disposition: null, detail: '' }

const NOTHING_GATHERED: ReapEvidence = {
  nowMs: 0,
  process: 'unknown',
  children: [],
  gate: 'none',
  spinning: false,
  effectFailures: 0,
}

/** Stands for a plan that could not be made. */
const LEAVE: ReapPlan = {
  verdict: 'leave',
  basis: 'no-grounds',
  reason: 'the evidence could not be gathered',
  evidence: NOTHING_GATHERED,
  tier: null,
  cause: null,
  disposition: null,
  forced: false,
  runsEffect: false,
  streak: null,
}
