import { Lane, parseCommand, waitingCycles } from '@holdfast/core'
import { canonical } from '@holdfast/core/internal'
import { systemProbe } from '@holdfast/engine/lean'
import {
  drainingJson,
  drainingViews,
  haltJson,
  instantOf,
  laneBlockers,
  leaseJson,
  lineageJson,
  pendingHalts,
  queryLeases,
  ticketJson,
  ticketViews,
  type LaneBlockers,
} from '@holdfast/projections'
import { forcedEndings, orphanedLeases, readPast, unreapedLeases, type PastOf } from '@holdfast/projections/internal'
import { StoreError } from '@holdfast/store'
import { knownLines } from '../text/why-lines.ts'
import type { AskedLedger } from './asked-ledger.ts'
import { blockerSteps } from './lease-steps.ts'
import { logLine } from './log-line.ts'
import { blockerAnswer } from './refused-answer.ts'
import type { NextStep } from './schemas/next-step.ts'

/** Refusals of a lane or lease that are told. */
const REFUSALS_TOLD = 5

/** Newest events of a name that are looked through for refusals. */
const EVENTS_LOOKED_AT = 1000

/** Steps that are named. */
const NEXT_MAX = 8

/** Stands where a request names who asks: a question has nobody. */
const SOMEBODY = { commandId: '00000000-0000-4000-8000-000000000000', holder: '(nobody)' } as const

/** How a lease is named that the ledger granted. */
const LEASE_ID = /^(?<lane>.+)@\d+$/su

/** An answer, and its words for people. */
export interface Explained {
  /** `WhyAnswer` is its schema. */
  readonly answer: object
  readonly lines: () => readonly string[]
}

/** A lane or a lease: what holds it, what else keeps it closed and since when, and how that came about. */
export async function explainName(ledger: AskedLedger, name: string): Promise<Explained> {
  const { at, fold, nowMs, ownClock, store, stream } = ledger
  const { state } = fold
  const { events, ...rest } = await readPast(store, stream, { name, last: EVENTS_LOOKED_AT, nowMs })
  const past = { ...rest, events: events.filter(({ type }) => type === 'REFUSE').slice(-REFUSALS_TOLD) }
  const isMeant = (one: { readonly lane: string | null; readonly leaseId: string | null }) =>
    (one.lane !== null && canonical(one.lane) === canonical(name)) || one.leaseId === name
  const leases = queryLeases(fold, nowMs).filter(isMeant)
  const lanes = new Set([name, ...leases.map(({ lane }) => lane)].map(canonical))
  const waiting = ticketViews(state, nowMs).filter(({ lane }) => lanes.has(canonical(lane)))
  const draining = drainingViews(state, { nowMs, ownClock }).filter(one => isMeant(one) || one.ledgerWide === true)
  demandKnown(name, { events, lineages: rest.lineages, others: leases.length + waiting.length + draining.length })
  const endings = await forcedEndings(store, stream, draining)
  const lane = [...leases, ...draining.filter(isMeant), ...past.lineages][0]?.lane ?? name
  const known = {
    name,
    leases,
    waiting,
    cycles: waitingCycles(state, nowMs, ownClock).filter(cycle =>
      cycle.some(({ lane, blocker }) => lanes.has(canonical(lane)) || blocker.leaseId === name),
    ),
    past,
    draining: draining.map(drain => ({ drain, ending: endings.get(drain) ?? null })),
    halts: pendingHalts(state, nowMs).filter(isMeant),
    orphans: orphanedLeases(state, { nowMs, ownClock, probe: systemProbe }).filter(({ lease }) => isMeant(lease)),
    unreaped: unreapedLeases(state, { nowMs, ownClock }).filter(({ lease }) => isMeant(lease)),
    blocked: blockedNow(ledger, lane),
    isNew: events.length === 0 && past.lineages.length === 0,
  }
  const next = stepsFor(ledger, lane, known.blocked)
  const answer = {
    ...at,
    about: 'name',
    name,
    leases: leases.map(leaseJson),
    waiting: waiting.map(ticketJson),
    cycles: known.cycles.map(cycle => cycle.map(link => ({ ...link, blocker: blockerAnswer(link.blocker) }))),
    lineage: past.lineages.map(lineageJson),
    refusals: past.events.map(logLine),
    draining: known.draining.map(({ drain, ending }) => ({
      ...drainingJson(drain),
      since: ending === null ? null : instantOf(ending.recordedAt),
      endedBy: ending === null ? null : logLine(ending),
    })),
    halts: known.halts.map(haltJson),
    orphans: known.orphans.map(({ lease: { leaseId }, child, sinceMs, untilMs }) => {
      return { leaseId, child, since: instantOf(sinceMs), until: untilMs === null ? null : instantOf(untilMs) }
    }),
    unreaped: known.unreaped.map(({ lease: { leaseId }, sinceMs, claimedBy }) => {
      return { leaseId, since: instantOf(sinceMs), claimedBy }
    }),
    blocked: known.blocked === null ? null : blockedJson(known.blocked),
    next,
  }
  return { answer, lines: () => knownLines({ ...known, next, asker: ledger.workTree }, nowMs) }
}

/** A lane that nobody ever asked for is free; a lease that never was is a name that was mistaken. */
function demandKnown(
  name: string,
  { events, lineages, others }: Omit<PastOf, 'earlier'> & { readonly others: number },
): void {
  const lane = LEASE_ID.exec(name)?.groups?.['lane']
  if (lane === undefined || events.length > 0 || lineages.length > 0 || others > 0) return
  const message = `There is no lease ${JSON.stringify(name)} and never was, or it was dropped from the archive; \`holdfast history ${lane}\` shows those of its lane.`
  throw new StoreError('invalid', message)
}

/** What would refuse an acquire now; `null`: nothing, or the name is none of a lane. */
function blockedNow({ fold, nowMs, ownClock, workTree }: AskedLedger, name: string): LaneBlockers | null {
  if (!Lane.safeParse(name).success) return null
  const parsed = parseCommand(
    { type: 'acquire', ...SOMEBODY, claims: [{ lane: name, region: [], kind: null, mode: 'exclusive' as const }] },
    fold.state.config,
  )
  const claim = parsed.ok ? parsed.command.claims[0] : undefined
  if (claim === undefined) return null
  const seen = laneBlockers(fold.state, { claim: { ...claim, workTree }, nowMs, ownClock, probe: systemProbe })
  return seen.free ? null : seen
}

function blockedJson({ code, closed, blockers, moreBlockers, freeAtMs }: LaneBlockers) {
  return {
    code: code ?? closed?.code ?? 'unknown-lane',
    blockers: blockers.map(blockerAnswer),
    moreBlockers,
    ...(freeAtMs === null ? {} : { freeAt: instantOf(freeAtMs) }),
  }
}

function stepsFor(
  { fold, nowMs, ownClock, typed, asker, here }: AskedLedger,
  lane: string,
  seen: LaneBlockers | null,
): NextStep[] {
  if (seen === null || seen.blockers.length === 0) return []
  const at = seen.freeAtMs === null ? {} : { at: instantOf(seen.freeAtMs) }
  const wait = { action: 'wait', text: 'wait until it is free', command: typed.call('wait', [lane]), ...at } as const
  const around = { state: fold.state, moment: { nowMs, ownClock }, typed, asker, here }
  return [wait, ...seen.blockers.flatMap(blocker => blockerSteps(blocker, around))].slice(0, NEXT_MAX)
}
