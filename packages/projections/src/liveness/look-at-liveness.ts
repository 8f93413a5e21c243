import {
  isExpired,
  liveLeases,
  liveness,
  type EpochMs,
  type Holder,
  type Lease,
  type Liveness,
  type LedgerState,
  type ProcessIdentity,
  type ProcessStatus,
} from '@holdfast/core'
import { processKey } from '@holdfast/core/internal'
import { haltViews, type HaltView } from '../view/halt-view.ts'
import { spawnViews } from '../view/spawn-view.ts'
import { waitViews, type WaitView } from '../view/wait-view.ts'
import type { LeaseLiveness, LivenessView } from './lease-liveness.ts'
import type { LivenessPorts, Progress } from './liveness-ports.ts'
import type { LivenessSettings } from './liveness-settings.ts'

export interface LivenessContext {
  readonly settings: LivenessSettings
  readonly ports: LivenessPorts
}

export interface LivenessLook {
  readonly view: LivenessView
  /** Instants at which time alone may change the view. */
  readonly boundariesMs: readonly number[]
}

/** What the log says of one lease's movement; the ports are asked for the rest. */
interface Seen {
  readonly lease: Lease
  readonly runStartedMs: EpochMs
  readonly sinceMs: EpochMs
  readonly workEvents: number
  readonly lastWorkAtMs: EpochMs | null
  readonly halt: HaltView | null
  /** Since when its holder waits for a human, by their own word. */
  readonly waitingSinceMs: EpochMs | null
}

/** Judges every live lease at `nowMs`. The ledger's part is taken before the first port is asked, all of it at once. */
export async function lookAtLiveness(
  state: LedgerState,
  nowMs: EpochMs,
  context: LivenessContext,
): Promise<LivenessLook> {
  const { settings, ports } = context
  const halts = haltViews(state, nowMs, settings.haltOverdueMs)
  const spawning = spawnViews(state, nowMs)
  const waiting = waitViews(state, nowMs)
  const seen = look(state, nowMs, boundTo(halts, waiting), context)
  const statuses = await probeAll(seen, ports)
  const leases: LeaseLiveness[] = []
  for (const one of seen) leases.push(judge(one, nowMs, await progressOf(one, nowMs, ports), statuses, settings))
  // Who waits for a human is what a human has to see first.
  leases.sort((a, b) => Number(b.verdict === 'WAITING') - Number(a.verdict === 'WAITING'))
  const intents = [
    ...halts.map(({ haltedAtMs }) => haltedAtMs + settings.haltOverdueMs),
    ...[...spawning, ...waiting].map(({ untilMs }) => untilMs),
  ]
  const view = { leases, halts, spawning, ...(waiting.length === 0 ? {} : { waiting }) }
  return { view, boundariesMs: [...intents, ...seen.flatMap(one => ends(one, settings))] }
}

/** Judges one live lease at `nowMs`, as `lookAtLiveness` would. */
export async function lookAtLease(
  state: LedgerState,
  lease: Lease,
  nowMs: EpochMs,
  { settings, ports }: LivenessContext,
): Promise<LeaseLiveness> {
  const seen = see(
    state,
    lease,
    nowMs,
    boundTo(haltViews(state, nowMs, settings.haltOverdueMs), waitViews(state, nowMs)),
    settings,
  )
  const statuses = await probeAll([seen], ports)
  return judge(seen, nowMs, await progressOf(seen, nowMs, ports), statuses, settings)
}

function look(state: LedgerState, nowMs: EpochMs, bound: Bound, { settings }: LivenessContext): Seen[] {
  return liveLeases(state).map(lease => see(state, lease, nowMs, bound, settings))
}

/** What the log says of a lease besides the lease. */
interface Bound {
  readonly halt: (lease: Lease) => HaltView | null
  /** Since when each holder waits for a human; the longest wait of several. */
  readonly waits: ReadonlyMap<Holder, EpochMs>
}

function boundTo(halts: readonly HaltView[], waiting: readonly WaitView[]): Bound {
  const bound = new Map(halts.map(halt => [`${halt.leaseId}\n${halt.token}`, halt]))
  return {
    halt: ({ leaseId, token }) => bound.get(`${leaseId}\n${token}`) ?? null,
    waits: new Map(waiting.toReversed().map(({ holder, sinceMs }) => [holder, sinceMs])),
  }
}

function see(
  state: LedgerState,
  lease: Lease,
  nowMs: EpochMs,
  bound: Bound,
  { progressWindowMs }: LivenessSettings,
): Seen {
  const run = lease.runId === null ? undefined : state.runs.get(lease.runId, nowMs)
  // A lease without a run is a run of its own.
  const runStartedMs = run?.startedAtMs ?? lease.acquiredAtMs
  const sinceMs = latest(runStartedMs, nowMs - progressWindowMs)
  const worked = (run?.workedAtMs ?? []).filter(atMs => atMs >= sinceMs)
  return {
    lease,
    runStartedMs,
    sinceMs,
    workEvents: worked.length,
    lastWorkAtMs: worked.at(-1) ?? null,
    halt: bound.halt(lease),
    waitingSinceMs: bound.waits.get(lease.holder) ?? null,
  }
}

function latest(startMs: EpochMs, windowStartMs: number): EpochMs {
  return windowStartMs > startMs ? (windowStartMs as EpochMs) : startMs
}

async function probeAll(seen: readonly Seen[], { probe }: LivenessPorts): Promise<ReadonlyMap<string, ProcessStatus>> {
  const statuses = new Map<string, ProcessStatus>()
  if (probe === undefined) return statuses
  for (const { lease } of seen) {
    for (const process of lease.process === null ? lease.children : [lease.process, ...lease.children]) {
      const key = processKey(process)
      if (!statuses.has(key)) statuses.set(key, await probe(process))
    }
  }
  return statuses
}

const NO_PROGRESS: Progress = { commits: 0, files: 0 }

async function progressOf({ lease, sinceMs }: Seen, nowMs: EpochMs, { progress }: LivenessPorts): Promise<Progress> {
  if (progress === undefined) return NO_PROGRESS
  const { lane, leaseId, holder, runId, region, workTree } = lease
  return progress({ lane, leaseId, holder, runId, region, workTree }, { sinceMs, nowMs })
}

function judge(
  { lease, runStartedMs, workEvents, halt, waitingSinceMs }: Seen,
  nowMs: EpochMs,
  { commits, files, unknown = [] }: Progress,
  statuses: ReadonlyMap<string, ProcessStatus>,
  { graceMs, spinMs }: LivenessSettings,
): LeaseLiveness {
  const statusOf = (process: ProcessIdentity): ProcessStatus => statuses.get(processKey(process)) ?? 'unknown'
  const process = lease.process === null ? 'unknown' : statusOf(lease.process)
  const evidence = {
    runStartedMs,
    nowMs,
    commitsSinceStart: commits,
    workEventsSinceStart: workEvents + files,
    heartbeatAgeMs: nowMs - lease.lastBeatAtMs,
    processAlive: process === 'unknown' ? null : process === 'alive',
    ...(waitingSinceMs === null ? {} : { waitingSinceMs }),
  }
  const { lane, leaseId, holder, token, runId, expiresAtMs, activity, exit } = lease
  return {
    lane,
    leaseId,
    holder,
    token,
    runId,
    ...provenOnly(liveness({ evidence, policy: { graceMs, spinMs } }), unknown.length === 0),
    expired: isExpired(lease, nowMs),
    expiresAtMs,
    process,
    children: lease.children.map(statusOf),
    activity,
    exit: exit?.status ?? null,
    halt: halt?.status ?? null,
  }
}

/** Nothing found is no proof of idleness where not everything could be looked at: what is unknown ends nobody's work. */
function provenOnly(
  found: Liveness,
  isWhole: boolean,
): Pick<LeaseLiveness, 'verdict' | 'basis' | 'reason'> & Pick<Liveness, 'evidence'> {
  if (found.verdict !== 'SPINNING' || isWhole) return found
  const reason = 'it beats and nothing was found, but not everything could be looked at'
  return { ...found, verdict: 'UNKNOWN', basis: 'delta-unknown', reason }
}

/** From when each part of a judgement is another one. */
function ends({ lease, runStartedMs, lastWorkAtMs }: Seen, settings: LivenessSettings): number[] {
  return [
    lease.expiresAtMs,
    lease.lastBeatAtMs + settings.spinMs + 1,
    runStartedMs + settings.graceMs,
    ...(lastWorkAtMs === null ? [] : [lastWorkAtMs + settings.progressWindowMs + 1]),
  ]
}
