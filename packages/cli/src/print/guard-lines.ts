import type { GuardAnswer, GuardedPlace } from '../schemas/guard.ts'
import { plain } from './plain.ts'
import { instant } from './times.ts'
import { tone } from './tone.ts'

/** Paths that are told of one by one. */
const TOLD_MAX = 20

type Checked = Extract<GuardAnswer, { readonly guard: 'on' }>

/** `lines`: every path. `remarks`: what the writer has to know, whoever reads it: a person, a log, a model. */
export function guardLines(
  answer: Checked,
  nowMs: number,
): { readonly lines: readonly string[]; readonly remarks: readonly string[] } {
  const lines = answer.paths.map(
    place => `${TONES[place.permitted](WORDS[place.permitted])}  ${plain(place.path)}  ${basisOf(place)}`,
  )
  const told = answer.paths.filter(({ permitted }) => permitted !== 'yes')
  const remarks = told.slice(0, TOLD_MAX).map(place => `holdfast guard: ${sentence(place, nowMs)}`)
  const more = told.length - TOLD_MAX
  if (more > 0) remarks.push(`holdfast guard: and ${more} more paths`)
  if (!answer.permitted) remarks.push(`holdfast guard: ${advice(answer)}`)
  return { lines, remarks }
}

const WORDS = { yes: 'allowed', warn: 'allowed', no: 'refused' } as const
const TONES = { yes: tone.good, warn: tone.warn, no: tone.bad } as const

function basisOf(place: GuardedPlace): string {
  return place.verdict === 'allowed' || place.verdict === 'refused' ? `${place.basis} ${place.leaseId}` : place.verdict
}

function sentence(place: GuardedPlace, nowMs: number): string {
  const path = plain(place.path)
  switch (place.verdict) {
    case 'allowed':
      return `${path} is yours`
    case 'unclaimed':
      return `${path} ${place.permitted === 'no' ? 'is refused: it' : ''} lies in nobody's region; lease it before you write`.replaceAll(
        /\s+/g,
        ' ',
      )
    case 'outside':
      return `${path} ${place.permitted === 'no' ? 'is refused: it lies' : 'lies'} outside the guarded root`
    case 'refused': {
      const { lane, holder, leaseId, witness, expiresAt, basis } = place
      const until = instant(Date.parse(expiresAt), nowMs)
      const whose = `lane ${plain(lane)} (${leaseId}) of ${plain(holder)} covers ${plain(witness)}`
      return `${path} is refused: ${whose}; ${WHY[basis]} ${until}`
    }
  }
}

const WHY = {
  'held-by-other': 'it expires',
  expired: 'your lease expired',
  draining: 'an older holder may write until',
  'stale-token': 'it lives at another token than yours, and expires',
  'unknown-tree': 'your lease holds in one work tree, and this is not known to be that one; the lease expires',
} as const

function advice({ paths, holder }: Checked): string {
  const blocked = paths.find(place => place.verdict === 'refused')
  if (blocked === undefined) return 'the local configuration refuses it (guard.unclaimed, guard.outside)'
  const lane = blocked.basis === 'held-by-other' ? 'LANE' : blocked.lane
  const asks = `holdfast acquire ${plain(lane)} --holder ${plain(holder ?? 'YOU')} --region ${quoted(blocked.path)} --wait 10m`
  return `work elsewhere, or wait for it: ${asks}`
}

function quoted(path: string): string {
  return `'${plain(path).replaceAll("'", String.raw`'\''`)}'`
}
