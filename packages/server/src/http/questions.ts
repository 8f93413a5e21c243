import { fork, type EpochMs } from '@holdfast/core'
import { NOTHING_WATCHED } from '@holdfast/core/internal'
import { InputError, systemProbe, identify } from '@holdfast/engine'
import { serverSeen } from '@holdfast/engine/served'
import {
  drainingJson,
  drainingViews,
  haltJson,
  instantOf,
  leaseJson,
  lineageJson,
  livenessJson,
  pendingHalts,
  queryLeases,
  queryLiveness,
  queryStatus,
  stateAt,
  statusJson,
  verifyLedger,
  type HistoryPoint,
} from '@holdfast/projections'
import { leaseChanges, readPast, type LeaseChange } from '@holdfast/projections/internal'
import { continuesAt } from '@holdfast/store/internal'
import { stripVTControlCharacters } from 'node:util'
import type { AskedLedger } from '../answers/asked-ledger.ts'
import { explainName } from '../answers/explain-name.ts'
import { explainRevision } from '../answers/explain-revision.ts'
import { logLine } from '../answers/log-line.ts'
import { isoInstant } from '../text/iso-instant.ts'
import type { ServedLedger } from '../hosted-ledgers.ts'
import type { HttpParts } from './parts.ts'
import { RequestLine } from './request-line.ts'

const REVISION = /^r?(\d{1,15})$/

/** The ledger as it is now. Rejects with `moved` for one that continues elsewhere. */
export async function asked({ hosted }: ServedLedger, name: string, { url }: HttpParts): Promise<AskedLedger> {
  const { ledger } = hosted
  const state = fork(await ledger.refresh())
  if (state.movedTo !== null) throw continuesAt(ledger.url, state.movedTo)
  return {
    store: ledger.store,
    stream: ledger.stream,
    at: { ledgerId: ledger.ledgerId, head: state.head },
    fold: { state },
    nowMs: await ledger.now(),
    ownClock: ledger.store.clock === 'steady' ? undefined : NOTHING_WATCHED,
    typed: new RequestLine([], { store: url, ledger: name }),
    workTree: null,
    asker: null,
    here: identify(process.pid),
  }
}

/** The live set, now or at an earlier point. */
export async function leases(ledger: AskedLedger, point: string | undefined): Promise<object> {
  const then = point === undefined ? ledger : await past(ledger, point, 'at')
  const { at, fold, nowMs } = then
  const ownClock = point === undefined ? ledger.ownClock : undefined
  return {
    ...at,
    ...(point === undefined ? {} : { asOf: instantOf(nowMs) }),
    leases: queryLeases(fold, nowMs).map(leaseJson),
    draining: drainingViews(fold.state, { nowMs, ownClock }).map(drainingJson),
    halts: pendingHalts(fold.state, nowMs).map(haltJson),
  }
}

/** Which holders make progress, by what the log and the processes of this host tell. */
export async function liveness({ at, store, stream, fold }: AskedLedger, { place }: HttpParts): Promise<object> {
  const { leases: judged, ...intents } = livenessJson(await queryLiveness(store, stream, fold, { probe: systemProbe }))
  const progress = { directory: place.root, files: false, commits: false, unknown: [] }
  return { ...at, liveness: judged, ...intents, progress }
}

export function status({ at, store, fold, nowMs }: AskedLedger, { place }: HttpParts): object {
  const { url } = store
  return {
    ...statusJson(queryStatus(fold, nowMs)),
    ...at,
    store: url,
    ...place,
    url,
    config: fold.state.config,
    server: serverSeen(url),
  }
}

/** An event, a lane or a lease explained; `text` has it in words. */
export async function why(ledger: AskedLedger, what: string): Promise<object> {
  const revision = REVISION.exec(what)?.[1]
  if (revision !== undefined) demandPast(ledger, Number(revision), 'what')
  const explained =
    revision === undefined ? await explainName(ledger, what) : await explainRevision(ledger, Number(revision))
  return { ...explained.answer, text: explained.lines().map(stripVTControlCharacters) }
}

export async function history({ at, store, stream, nowMs }: AskedLedger, name: string, last: number): Promise<object> {
  const { events, earlier, lineages } = await readPast(store, stream, { name, last, nowMs })
  return { ...at, name, lineage: lineages.map(lineageJson), events: events.map(logLine), earlierEvents: earlier }
}

/** What changed in the live set between two points. */
export async function diff(ledger: AskedLedger, from: string, to: string): Promise<object> {
  const earlier = await past(ledger, from, 'from')
  const later = await past(ledger, to, 'to')
  if (earlier.at.head > later.at.head) {
    throw new InputError([{ path: 'from', message: 'the first point is later than the second; swap them' }])
  }
  const changes = leaseChanges(queryLeases(earlier.fold, earlier.nowMs), queryLeases(later.fold, later.nowMs))
  const both = ({ before, after }: LeaseChange) => ({ before: leaseJson(before), after: leaseJson(after) })
  return {
    ...later.at,
    from: earlier.at.head,
    fromAsOf: instantOf(earlier.nowMs),
    asOf: instantOf(later.nowMs),
    began: changes.began.map(leaseJson),
    ended: changes.ended.map(leaseJson),
    changedHands: changes.changedHands.map(both),
    kept: changes.kept.map(both),
  }
}

/** Reads the whole log again, and holds it against everything that can be checked. */
export async function verify({ hosted }: ServedLedger): Promise<object> {
  const { store, stream } = hosted.ledger
  const head = await store.head(stream)
  const verification = await verifyLedger(store, stream)
  const checkpoint = await store.latestCheckpoint(stream).catch(() => null)
  return { ...verification, ledgerId: checkpoint?.data.ledgerId ?? null, head }
}

/** The ledger as of a point of its history. */
async function past(
  ledger: AskedLedger,
  text: string,
  field: string,
): Promise<Pick<AskedLedger, 'at' | 'fold' | 'nowMs'>> {
  const point = pointOf(text, field)
  if ('revision' in point) demandPast(ledger, point.revision, field)
  else if (point.atMs > ledger.nowMs) throw new InputError([{ path: field, message: 'this time is in the future' }])
  const { state } = await stateAt(ledger.store, ledger.stream, point)
  if (state.head === -1) {
    throw new InputError([{ path: field, message: 'nothing was recorded by then, or it was dropped from the archive' }])
  }
  const nowMs = 'atMs' in point ? (Math.max(point.atMs, state.clockMs) as EpochMs) : state.clockMs
  return { at: { ...ledger.at, head: state.head }, fold: { state }, nowMs }
}

function demandPast({ at }: AskedLedger, revision: number, field: string): void {
  if (revision <= at.head) return
  const message = `r${revision} does not exist yet; the newest revision is r${at.head}`
  throw new InputError([{ path: field, message }])
}

function pointOf(text: string, field: string): HistoryPoint {
  const revision = REVISION.exec(text)?.[1]
  if (revision !== undefined) return { revision: Number(revision) }
  const atMs = isoInstant(text)
  if (atMs !== null) return { atMs }
  const message = 'write a revision such as r42, or a time such as 2026-05-01T14:03:00Z'
  throw new InputError([{ path: field, message }])
}
