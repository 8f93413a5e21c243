import { liveLeases, type EpochMs, type LedgerState } from '@holdfast/core'
import { EDIT_LANE_PREFIX } from '@holdfast/core/internal'
import type { News, Trespass } from '@holdfast/engine/sessions'
import type { GuardAnswer, GuardedPlace } from '../schemas/guard.ts'
import { guardAdvice, type Typing } from './guard-advice.ts'
import { plain } from './plain.ts'
import { distance, endAt, instant } from './times.ts'

/** Others that a session is told of when it begins. */
const OTHERS_TOLD = 4

/** Places that are named of each of them. */
const PLACES_TOLD = 3

/** Characters of a name that a line shows. */
const TEXT_LENGTH_MAX = 300

const shown = (text: string): string => plain(text.length > TEXT_LENGTH_MAX ? `…${text.slice(-TEXT_LENGTH_MAX)}` : text)

/** What a session is told when it begins: who it is, and who works where. Two lines. */
export function startLines(
  state: LedgerState,
  { name, nowMs, claims }: { readonly name: string; readonly nowMs: EpochMs; readonly claims: boolean },
): readonly string[] {
  const how = claims
    ? 'The first edit of a free file leases it for you; your calls keep it, and the end of the session gives it up.'
    : 'Lease what you edit: holdfast claim PATH'
  const places = new Map<string, string[]>()
  for (const lease of liveLeases(state)) {
    if (lease.holder === name || lease.expiresAtMs <= nowMs) continue
    const where = lease.region.length === 0 ? lease.lane : lease.region.join(' ')
    places.set(lease.holder, [...(places.get(lease.holder) ?? []), where])
  }
  const others = [...places].slice(0, OTHERS_TOLD).map(([holder, held]) => {
    const more = held.length > PLACES_TOLD ? ` and ${held.length - PLACES_TOLD} more` : ''
    return `${shown(holder)} in ${held.slice(0, PLACES_TOLD).map(shown).join(', ')}${more}`
  })
  const further = places.size > OTHERS_TOLD ? `; and ${places.size - OTHERS_TOLD} more` : ''
  const who = others.length === 0 ? 'nobody else holds anything here.' : `at work: ${others.join('; ')}${further}.`
  const commits = `Your shell does not know your name: HOLDFAST_HOLDER=${shown(name)} git commit …, and so for git push.`
  return [`holdfast: you are ${shown(name)}. ${how} ${commits}`, `holdfast: ${who}`]
}

/** A piece of news, on one line. */
export function newsLine(news: News, { name, nowMs }: { readonly name: string; readonly nowMs: EpochMs }): string {
  switch (news.kind) {
    case 'lost': {
      const { lane, leaseId } = news.lease
      const now = news.by === null ? 'nobody holds it now' : `${shown(news.by.holder)} holds it now`
      return `holdfast: your lease on ${whatOf(lane)} has ended; ${now}. Before you edit there again, read the file anew. holdfast why ${shown(leaseId)}`
    }
    case 'given':
      return `holdfast: you have been given the lease on ${whatOf(news.lease.lane)}; it lasts until ${endAt(news.lease.expiresAtMs, nowMs)}.`
    case 'halt': {
      const { handle, reason, haltedAtMs } = news.halt
      const why = reason === '' ? '' : `: ${shown(reason)}`
      return `holdfast: you are asked to stop (${shown(handle)}${why}), ${distance(haltedAtMs, nowMs)}. Finish the file at hand, then stop and say so.`
    }
    case 'trespass':
      return trespassLine(news.trespass, { name, nowMs })
    case 'waiter':
      return `holdfast: ${shown(news.ticket.holder)} waits for ${whatOf(news.lease.lane)}, which you hold. If you are done with it: holdfast release ${shown(news.lease.lane)} --holder ${shown(news.lease.holder)} --token ${news.lease.token}`
  }
}

/** Files of a trespass that are named. */
const FILES_TOLD = 5

/** Who has written is not known: both may work in one tree. So each is told what it can do. */
function trespassLine(
  { at, by, holder, files }: Trespass,
  { name, nowMs }: { readonly name: string; readonly nowMs: EpochMs },
): string {
  const named = files.slice(0, FILES_TOLD).map(({ path, change }) => `${shown(path)} (${change})`)
  const more = files.length > FILES_TOLD ? ` and ${files.length - FILES_TOLD} more` : ''
  const what = `${named.join(', ')}${more}`
  const kept = files.flatMap(({ putBack }) => (putBack === null ? [] : [putBack]))
  const back =
    kept.length === 0 ? '' : ` ${kept.length} of them were put back; what was written is kept: ${shown(kept[0] ?? '')}.`
  if (by === name) {
    return `holdfast: files of ${shown(holder)} have changed while your command ran: ${what}.${back} If it was you, undo the rest (git diff shows it), and do not write there again.`
  }
  const who = by === null ? 'a session' : shown(by)
  return `holdfast: files in your region have changed while a command of ${who} ran, ${distance(Date.parse(at), nowMs)}: ${what}.${back} If it was not you, read them anew before you go on.`
}

function whatOf(lane: string): string {
  return shown(lane.startsWith(EDIT_LANE_PREFIX) ? lane.slice(EDIT_LANE_PREFIX.length) : `lane ${lane}`)
}

type Checked = Extract<GuardAnswer, { readonly guard: 'on' }>
type Refused = Extract<GuardedPlace, { readonly verdict: 'refused' }>

/** A refused edit, for the model: who, which lane, since when, until when at the latest, and what to do. At most five lines. */
export function refusedEditLines(
  answer: Checked,
  { state, nowMs, ...typing }: { readonly state: LedgerState; readonly nowMs: EpochMs } & Typing,
): readonly string[] | null {
  const refused = answer.paths.filter((place): place is Refused => place.verdict === 'refused')
  const [first, ...others] = refused
  if (first === undefined) return null
  const { path, lane, holder, leaseId, token, expiresAt, basis } = first
  const lease = state.leases.get(leaseId)
  const isSame = first.ledger === undefined && lease?.token === token
  const since = isSame ? `, since ${instant(lease.ownedSinceMs, nowMs)}` : ''
  const where = first.ledger === undefined ? '' : ` (in the ledger at ${shown(first.ledger.store)})`
  const atMs = Date.parse(expiresAt)
  const until =
    basis === 'held-by-other'
      ? `holdfast: without another beat it ends ${instant(atMs, nowMs)} at the latest; a release ends it sooner.`
      : `holdfast: ${BASIS[basis]} until ${endAt(atMs, nowMs)}.`
  const rest =
    others.length === 0
      ? 'holdfast: or work on other files.'
      : `holdfast: ${others.length} more of these files are refused, such as ${shown(others[0]?.path ?? '')}; or work on other files.`
  return [
    `holdfast: ${shown(path)} is refused: ${shown(holder)} holds it (lane ${shown(lane)}${since})${where}.`,
    until,
    `holdfast: ${guardAdvice(answer, { ...typing, asEdit: true })}`,
    rest,
  ]
}

const BASIS = {
  expired: 'your lease is over, and nobody may write',
  'in-grace': 'your time in it is over, and nobody may write',
  draining: 'an older holder may write',
  'stale-token': 'it lives at another token than yours,',
  'unknown-tree': 'your lease holds in another work tree than this may be,',
} as const
