import { dirname, join, relative } from 'node:path'
import { pathFault } from '@holdfast/core'
import type { GuardAnswer, GuardedPlace } from '../schemas/guard.ts'
import { plain } from './plain.ts'
import { shellWord } from './shell-word.ts'
import { expiry, instant } from './times.ts'
import { tone } from './tone.ts'

/** Paths that are told of one by one. */
const TOLD_MAX = 20

type Checked = Extract<GuardAnswer, { readonly guard: 'on' }>

/** `lines`: every path. `remarks`: what the writer has to know, whoever reads it: a person, a log, a model. */
export function guardLines(
  answer: Checked,
  { nowMs, folder, store }: { readonly nowMs: number; readonly folder: string; readonly store?: string | undefined },
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
  if (!answer.permitted) remarks.push(`holdfast guard: ${advice(answer, { folder, store })}`)
  return { lines, remarks }
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
      return `${path} ${place.permitted === 'no' ? 'is refused: it' : ''} lies in nobody's region; lease it before you write`.replaceAll(
        /\s+/g,
        ' ',
      )
    case 'outside':
      return `${path} ${place.permitted === 'no' ? 'is refused: it lies' : 'lies'} outside the guarded root ${plain(root)}`
    case 'refused': {
      const { lane, holder, leaseId, witness, expiresAt, basis } = place
      const atMs = Date.parse(expiresAt)
      const whose = `lane ${plain(lane)} (${leaseId}) of ${plain(holder)} covers ${plain(witness)}`
      const where =
        place.ledger === undefined
          ? ''
          : ` (in the ledger at ${plain(place.ledger.store)}, from ${plain(place.ledger.root)})`
      return `${path} is refused: ${whose}; ${why(basis, { until: instant(atMs, nowMs), expires: expiry(atMs, nowMs) })}${where}`
    }
  }
}

type Basis = Extract<GuardedPlace, { readonly verdict: 'refused' }>['basis']

function why(basis: Basis, { until, expires }: { readonly until: string; readonly expires: string }): string {
  switch (basis) {
    case 'held-by-other':
      return `it ${expires}`
    case 'expired':
      return `your lease ${expires}`
    case 'in-grace':
      return `your time in it is over and a beat brings it back; others may end it ${until}`
    case 'draining':
      return `an older holder may write until ${until}`
    case 'stale-token':
      return `it lives at another token than yours, and ${expires}`
    case 'unknown-tree':
      return `your lease holds in one work tree, and this is not known to be that one; the lease ${expires}`
  }
}

/**
 * A command that, run in `folder`, covers the path: in the ledger that refuses it, which may be one of another root, and
 * one that is meant nowhere any more. `store`: the flag of the line that was typed.
 */
function advice(
  { paths, holder, root }: Checked,
  { folder, store: typed }: { readonly folder: string; readonly store?: string | undefined },
): string {
  const blocked = paths.find(place => place.verdict === 'refused')
  if (blocked === undefined) return 'the local configuration refuses it (guard.unclaimed, guard.outside)'
  const elsewhere = blocked.ledger?.root
  const begin = elsewhere === undefined ? '' : `cd ${shellWord(elsewhere)} && `
  // A server's URL may need a secret, which no advice repeats.
  const store = [blocked.ledger?.store, typed].find(each => each?.startsWith('sqlite:'))
  const named = store === undefined ? [] : [flag('store', store, shellWord)]
  if (blocked.basis === 'in-grace') {
    const words = [plain(blocked.lane), `--holder ${plain(blocked.holder)}`, `--token ${blocked.token}`, ...named]
    return `beat to hold it again: ${begin}holdfast heartbeat ${words.join(' ')}`
  }
  const lane = blocked.basis === 'held-by-other' ? 'LANE' : blocked.lane
  const path = covering(blocked.path, elsewhere ?? root, elsewhere ?? folder)
  const flags = [flag('holder', holder ?? 'YOU', nameWord), path, ...named, '--wait 10m']
  // A name that looks like a flag stands behind the two dashes that end them.
  const words = lane.startsWith('-') ? [...flags, '--', nameWord(lane)] : [nameWord(lane), ...flags]
  return `work elsewhere, or wait for it: ${begin}holdfast acquire ${words.join(' ')}`
}

/** The path itself; where no glob can tell it, the nearest folder around it that one can. */
function covering(path: string, root: string, folder: string): string {
  if (pathFault(path) !== null) {
    const parent = dirname(path)
    return parent === '.' ? flag('region', '**', shellWord) : covering(parent, root, folder)
  }
  return flag('path', pathFrom(folder, join(root, path)), shellWord)
}

function pathFrom(folder: string, place: string): string {
  const path = relative(folder, place)
  return path.trim() === '' ? `./${path}` : path
}

/** A value that looks like a flag is tied to its own one. */
const flag = (name: string, value: string, word: (text: string) => string): string =>
  `--${name}${value.startsWith('-') ? '=' : ' '}${word(value)}`

const PLAIN_NAME = /^[\w@%+=:,./][\w@%+=:,./-]*$/

/** A name as a word of the shell, bare where it needs no quotes. */
const nameWord = (name: string): string => (PLAIN_NAME.test(name) ? name : shellWord(name))
