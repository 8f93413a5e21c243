import { leaseChanges, readPast } from '@holdfast/projections/internal'
import {
  drainingJson,
  drainingViews,
  explainEvent,
  haltJson,
  leaseJson,
  livenessJson,
  lineageJson,
  pendingHalts,
  queryLeases,
  queryLiveness,
  queryStatus,
  stateAt,
  statusJson,
  verifyLedger,
} from '@holdfast/projections'
import { rawOf } from '@holdfast/core/internal'
import type { HostedLedger } from '@holdfast/engine/served'
import { InputError, systemProbe } from '@holdfast/engine'
import { readHistory } from '@holdfast/store'
import { LeaseId, Lane, Revision, Token, type LogEntry } from '@holdfast/core'
import * as z from 'zod'

/** Events that one question shows unless told otherwise, and at most. */
const SHOWN = 100
const SHOWN_MAX = 10_000

const shown = z.int().min(1).max(SHOWN_MAX).default(SHOWN)

/** What may be asked about a ledger, and how. Each answer is plain data, with the ledger and the revision that it rests on. */
export const QUESTIONS = {
  leases: question(z.object({ at: Revision.optional() }), async (hosted, { at }) => {
    const { ledger } = hosted
    const point = at === undefined ? { fold: await folded(hosted), nowMs: await ledger.now() } : await past(hosted, at)
    const { fold, nowMs } = point
    return {
      leases: queryLeases(fold, nowMs).map(leaseJson),
      draining: drainingViews(fold.state, { nowMs }).map(drainingJson),
      halts: pendingHalts(fold.state, nowMs).map(haltJson),
    }
  }),
  liveness: question(z.object({}), async hosted => {
    const { store, stream } = hosted.ledger
    return livenessJson(await queryLiveness(store, stream, await folded(hosted), { probe: systemProbe }))
  }),
  status: question(z.object({}), async hosted =>
    statusJson(queryStatus(await folded(hosted), await hosted.ledger.now())),
  ),
  check: question(z.object({ lane: Lane, token: Token }), ({ ledger }, { lane, token }) => ledger.check(lane, token)),
  why: question(z.object({ revision: Revision }), async ({ ledger }, { revision }) => {
    const explained = await explainEvent(ledger.store, ledger.stream, revision)
    if (explained === null) throw new InputError([{ path: 'revision', message: `nothing stands at r${revision}` }])
    const { entry, causedBy, blockers, grantedLater } = explained
    return {
      event: rawOf(entry),
      causedBy: causedBy === null ? null : rawOf(causedBy),
      blockers: blockers.map(leaseJson),
      grantedLater: grantedLater === null ? null : rawOf(grantedLater),
    }
  }),
  history: question(z.object({ name: z.string().min(1), last: shown }), async ({ ledger }, { name, last }) => {
    const nowMs = await ledger.now()
    const { events, earlier, lineages } = await readPast(ledger.store, ledger.stream, { name, last, nowMs })
    return { lineage: lineages.map(lineageJson), events: events.map(rawOf), earlierEvents: earlier }
  }),
  diff: question(z.object({ from: Revision, to: Revision }), async (hosted, { from, to }) => {
    const earlier = await past(hosted, from)
    const later = await past(hosted, to)
    const before = queryLeases(earlier.fold, earlier.nowMs)
    const { began, ended, changedHands, kept } = leaseChanges(before, queryLeases(later.fold, later.nowMs))
    const both = ({ before, after }: (typeof kept)[number]) => ({ before: leaseJson(before), after: leaseJson(after) })
    return {
      began: began.map(leaseJson),
      ended: ended.map(leaseJson),
      changedHands: changedHands.map(both),
      kept: kept.map(both),
    }
  }),
  log: question(z.object({ from: Revision.optional(), last: shown }), async ({ ledger }, { from, last }) => {
    const events: LogEntry[] = []
    for await (const entries of readHistory(ledger.store, ledger.stream, from === undefined ? {} : { from })) {
      events.push(...entries)
      if (from === undefined) events.splice(0, Math.max(0, events.length - last))
      else if (events.length >= last) break
    }
    return { events: events.slice(0, last).map(rawOf) }
  }),
  verify: question(z.object({}), ({ ledger }) => verifyLedger(ledger.store, ledger.stream)),
  lease: question(z.object({ leaseId: LeaseId }), async ({ ledger }, { leaseId }) => {
    const lease = (await ledger.refresh()).leases.get(leaseId)
    return { lease: lease ?? null }
  }),
} as const

/** A question that is parsed and answered. Throws an `InputError` for one that cannot be understood. */
type Question = (hosted: HostedLedger, about: unknown) => Promise<object>

function question<S extends z.ZodType>(
  schema: S,
  answer: (hosted: HostedLedger, about: z.infer<S>) => Promise<object>,
): Question {
  return async (hosted, about) => {
    const parsed = schema.safeParse(about)
    if (parsed.success) return answer(hosted, parsed.data)
    throw new InputError(parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })))
  }
}

/** Answers a question by its name. */
export async function answerTo(hosted: HostedLedger, name: string, about: unknown): Promise<object> {
  const asked = Object.entries(QUESTIONS).find(([known]) => known === name)?.[1]
  if (asked !== undefined) return asked(hosted, about)
  const names = Object.keys(QUESTIONS).join(', ')
  throw new InputError([{ path: 'question', message: `${JSON.stringify(name.slice(0, 64))} is none; ask ${names}` }])
}

async function folded({ ledger }: HostedLedger) {
  return { state: await ledger.refresh() }
}

async function past({ ledger }: HostedLedger, revision: number) {
  const { state, newest } = await stateAt(ledger.store, ledger.stream, { revision })
  if (newest === null) throw new InputError([{ path: 'revision', message: `nothing is as old as r${revision}` }])
  return { fold: { state }, nowMs: newest.recordedAt }
}
