import type { GuardAnswer, GuardedPlace } from '../schemas/guard.ts'
import { guardAdvice, isLedgerDrain, type Typing } from './guard-advice.ts'
import { plain } from './plain.ts'
import { shellWord } from './shell-word.ts'
import { endAt, expiry, instant } from './times.ts'
import { tone } from './tone.ts'

/** Paths that are told of one by one. */
const TOLD_MAX = 20

type Checked = Extract<GuardAnswer, { readonly guard: 'on' }>

/** `lines`: every path. `remarks`: what the writer has to know, whoever reads it: a person, a log, a model. */
export function guardLines(
  answer: Checked,
  { nowMs, ...typing }: { readonly nowMs: number } & Typing,
): { readonly lines: readonly string[]; readonly remarks: readonly string[] } {
  const lines = answer.paths.map(
    place => `${TONES[place.permitted](WORDS[place.permitted])}  ${plain(place.path)}  ${basisOf(place)}`,
  )
  const told = answer.paths.filter(({ permitted }) => permitted !== 'yes')
  const remarks = told
    .slice(0, TOLD_MAX)
    .map(place => `holdfast guard: ${sentence(place, { nowMs, root: answer.root })}`)
  const more = told.length - TOLD_MAX
  if (more > 0) remarks.push(`holdfast guard: and ${more} more paths`)
  for (const remark of answer.remarks ?? []) remarks.push(`holdfast guard: ${plain(remark)}`)
  if (!answer.permitted) remarks.push(`holdfast guard: ${guardAdvice(answer, typing)}`)
  const unnamed = answer.holder === null ? told.find(isOfOther) : undefined
  if (unnamed !== undefined) {
    const name = plain(unnamed.holder)
    remarks.push(
      `holdfast guard: nobody is named as the writer. If you are ${name}, begin your command with HOLDFAST_HOLDER=${shellWord(name)}`,
    )
  }
  return { lines, remarks }
}

type Refused = Extract<GuardedPlace, { readonly verdict: 'refused' }>

/** Refused for whose it is, so that a name can open it. */
function isOfOther(place: GuardedPlace): place is Refused {
  return place.verdict === 'refused' && place.basis === 'held-by-other' && !isLedgerDrain(place)
}

const WORDS = { yes: 'allowed', warn: 'allowed', no: 'refused' } as const
const TONES = { yes: tone.good, warn: tone.warn, no: tone.bad } as const

function basisOf(place: GuardedPlace): string {
  return place.verdict === 'allowed' || place.verdict === 'refused' ? `${place.basis} ${place.leaseId}` : place.verdict
}

function sentence(place: GuardedPlace, { nowMs, root }: { readonly nowMs: number; readonly root: string }): string {
  const path = plain(place.path)
  switch (place.verdict) {
    case 'allowed':
      return `${path} is yours`
    case 'unclaimed':
      return `${path} is ${judged(place)} lies in nobody's region; lease it before you write`
    case 'outside':
      return `${path} is ${judged(place)} lies outside the guarded root ${plain(root)}`
    case 'refused': {
      const { lane, holder, leaseId, witness, expiresAt, basis } = place
      const atMs = Date.parse(expiresAt)
      const whose = isLedgerDrain(place)
        ? `the ledger was put back from a backup and drains as a whole, which covers ${plain(witness)}`
        : `lane ${plain(lane)} (${leaseId}) of ${plain(holder)} covers ${plain(witness)}`
      const where =
        place.ledger === undefined
          ? ''
          : ` (in the ledger at ${plain(place.ledger.store)}, from ${plain(place.ledger.root)})`
      return `${path} is refused: ${whose}; ${why(basis, { until: endAt(atMs, nowMs), from: instant(atMs, nowMs), expires: expiry(atMs, nowMs) })}${where}`
    }
  }
}

/** A remark about a write that is allowed must not sound like a refusal. */
function judged({ permitted }: GuardedPlace): string {
  return permitted === 'no' ? 'refused: it' : 'allowed, but'
}

type Basis = Refused['basis']

function why(
  basis: Basis,
  { until, from, expires }: { readonly until: string; readonly from: string; readonly expires: string },
): string {
  switch (basis) {
    case 'held-by-other':
      return `it ${expires}`
    case 'expired':
      return `your lease ${expires}`
    case 'in-grace':
      return `your time in it is over and a beat brings it back; others may end it ${from}`
    case 'draining':
      return `an older holder may write until ${until}`
    case 'stale-token':
      return `it lives at another token than yours, and ${expires}`
    case 'unknown-tree':
      return `your lease holds in one work tree, and this is not known to be that one; the lease ${expires}`
  }
}
