import {
  instantOf,
  leaseJson,
  pendingHalts,
  queryLeases,
  queryStatus,
  statusJson,
  ticketViews,
  type LeaseView,
} from '@holdfast/projections'
import { explainName, explainRevision } from '@holdfast/server/answers'
import { plain } from '@holdfast/server/text'
import { stripVTControlCharacters } from 'node:util'
import type { At } from './desk.ts'
import { mayAct } from './session.ts'
import { asked } from './surroundings.ts'
import type { DetailInput, WhyInput } from './tools.ts'
import type { Step, Told } from './told.ts'
import { coversOf, secondsUntil, timeOf } from './words.ts'

/** Leases of others that a short answer names. */
const OTHERS_MAX = 12

/** Lines of `why` in a short answer. */
const WHY_LINES_MAX = 14

const REVISION = /^r(\d{1,15})$/

/** `status`: who you are, what you hold, and who works where. */
export async function status(input: DetailInput, at: At): Promise<Told> {
  const { desk, state, nowMs } = at
  desk.demand({ rights: ['read'] })
  const holder = desk.holder()
  const { session } = desk
  const holding = session.held(state).map(lease => ({
    lease: lease.leaseId,
    covers: coversOf(lease),
    seconds: mayAct(lease, nowMs) ? secondsUntil(lease.safeUntilMs, nowMs) : 0,
  }))
  const others = queryLeases({ state }, nowMs).filter(lease => !session.owns(lease, state))
  const named = others.slice(0, OTHERS_MAX).map(lease => otherOf(lease, holder))
  const more = others.length - named.length
  const lines = [
    `You are ${plain(holder)}. Paths are relative to ${plain(desk.root)}.`,
    holding.length === 0 ? 'You hold nothing.' : 'You hold:',
    ...holding.map(({ lease, covers, seconds }) => `  ${plain(lease)}: ${covers}, ${seconds} s left`),
    others.length === 0 ? 'Nobody else holds anything.' : 'Others hold:',
    ...named.map(
      ({ lease, holder, covers, until }) => `  ${plain(lease)} of ${plain(holder)}: ${covers}, until ${until}`,
    ),
    ...(more > 0 ? [`  and ${more} more (detail: full)`] : []),
  ]
  const waiting = ticketViews(state, nowMs).length
  if (waiting > 0) lines.push(`${waiting} wait in line.`)
  const full = { ...statusJson(queryStatus({ state }, nowMs)), leases: queryLeases({ state }, nowMs).map(leaseJson) }
  return {
    holder,
    holding,
    others: named,
    text: lines.join('\n'),
    next: [],
    ...(input.detail === 'full' ? { full } : {}),
  }
}

function otherOf(lease: LeaseView, holder: string) {
  const { leaseId, expiresAtMs, expired } = lease
  const who = lease.holder === holder ? `another session of ${lease.holder}` : lease.holder
  return { lease: leaseId, holder: who, covers: coversOf(lease), until: expired ? 'expired' : timeOf(expiresAtMs) }
}

/** `why`: a lane, a lease or an event explained. */
export async function why({ about, detail }: WhyInput, at: At): Promise<Told> {
  at.desk.demand({ rights: ['read'] })
  const ledger = asked(at)
  const revision = REVISION.exec(about)?.[1]
  if (revision !== undefined && Number(revision) > at.state.head) {
    return { lines: [], text: `${about} does not exist yet; the newest event is r${at.state.head}.`, next: [] }
  }
  const explained =
    revision === undefined ? await explainName(ledger, about) : await explainRevision(ledger, Number(revision))
  const all = explained.lines().map(stripVTControlCharacters)
  // What can be done next is said there in the words of the command line.
  const lines = all.filter(line => !/^\s*next\s/.test(line))
  const shown = detail === 'full' ? lines : lines.slice(0, WHY_LINES_MAX)
  const next: readonly Step[] =
    revision !== undefined || !lines.some(line => line.startsWith('closed'))
      ? []
      : [{ tool: 'wait', arguments: { lane: about.replace(/@\d+$/, ''), seconds: 45 }, why: 'wait until it is free' }]
  const more = lines.length - shown.length
  return {
    lines: shown,
    text: [...shown, ...(more > 0 ? [`${more} more lines (detail: full)`] : [])].join('\n'),
    next,
    ...(detail === 'full' ? { full: explained.answer } : {}),
  }
}

/** `halt_requests`: who was asked to stop and has not yet. */
export async function haltRequests({ detail }: DetailInput, at: At): Promise<Told> {
  const { desk, state, nowMs } = at
  desk.demand({ rights: ['read'] })
  const mine = new Set(desk.session.halts(state, nowMs).map(({ revision }) => revision))
  const halts = pendingHalts(state, nowMs)
  const requests = halts.map(halt => {
    const lease = halt.leaseId === null ? undefined : state.leases.get(halt.leaseId)
    return {
      yours: mine.has(halt.revision),
      lease: halt.leaseId ?? halt.lane ?? '',
      holder: lease?.holder ?? '',
      reason: halt.reason,
      since: timeOf(halt.haltedAtMs),
    }
  })
  const lines = requests.map(
    ({ yours, lease, holder, reason, since }) =>
      `${yours ? 'YOU' : plain(holder)}: stop ${plain(lease)}, asked ${since}${reason === '' ? '' : `: ${plain(reason)}`}`,
  )
  const next = requests
    .filter(({ yours }) => yours)
    .map(({ lease }) => {
      return { tool: 'release', arguments: { lease, request_id: `stop-${lease}` }, why: 'end your work there first' }
    })
  const text = lines.length === 0 ? 'Nobody is asked to stop.' : lines.join('\n')
  const full = halts.map(({ haltedAtMs, ...same }) => ({ ...same, at: instantOf(haltedAtMs) }))
  return { requests, text, next, ...(detail === 'full' ? { full } : {}) }
}
