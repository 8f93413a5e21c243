import { dirname, join, relative } from 'node:path'
import { escapeGlob, pathFault } from '@holdfast/core'
import { LEDGER_DRAIN } from '@holdfast/core/internal'
import { innerRoot, whichLedger } from '@holdfast/engine/which-ledger'
import type { FlagValues } from '@holdfast/server/answers'
import { anchoredStore } from '../program/store-url.ts'
import { nameFlags, type TypedLine } from '../program/typed-line.ts'
import type { GuardAnswer, GuardedPlace } from '../schemas/guard.ts'
import { shellWord } from './shell-word.ts'

type Checked = Extract<GuardAnswer, { readonly guard: 'on' }>
type Refused = Extract<GuardedPlace, { readonly verdict: 'refused' }>

/** Where an advice is pasted. */
export interface Typing {
  /** The folder of the shell; `null`: not known, as where git called from a folder below. */
  readonly folder: string | null
  /** The line of the guard, whose flags say which ledger is meant. */
  readonly typed: TypedLine
  /** The ledger that is meant. */
  readonly store: string
  /** A session of an agent is told to claim the file as its edit would. */
  readonly asEdit?: boolean
}

/** A command that, pasted, covers the path: in the ledger that refuses it, which may be one of another root. */
export function guardAdvice({ paths, holder, root: own }: Checked, typing: Typing): string {
  const blocked = paths.find(place => place.verdict === 'refused')
  if (blocked === undefined) return 'the local configuration refuses it (guard.unclaimed, guard.outside)'
  const root = blocked.ledger?.root ?? own
  const { folder, typed, store, asEdit = false } = typing
  const isHere = folder !== null && rootTyped(folder, typed.placeFlags()) === root
  const at = isHere ? folder : root
  const begin = isHere ? '' : `cd ${shellWord(root)} && `
  const place = placeFlags(blocked, { root, isHere, typed, store })
  const isRead = rootTyped(at, place) === root
  const named = typeof place['store'] === 'string' ? anchoredStore(place['store'], at) : undefined
  if (blocked.basis === 'in-grace') {
    const flags = { holder: blocked.holder, token: String(blocked.token) }
    return `beat to hold it again: ${begin}${typed.call('heartbeat', [blocked.lane], flags, told(place))}`
  }
  if (isLedgerDrain(blocked)) {
    return `work elsewhere until then; what it waits for: ${begin}${typed.call('doctor', [], {}, told(place))}`
  }
  const cover = covering(blocked.path, { root, folder: at, isRead, named })
  if (asEdit && typeof cover['path'] === 'string') {
    const asked = { holder: holder ?? 'YOU', wait: '10m' }
    return `wait for it: ${begin}${typed.call('claim', [cover['path']], asked, told(place))}`
  }
  const lane = blocked.basis === 'held-by-other' ? laneFor(blocked.path) : blocked.lane
  const flags = { holder: holder ?? 'YOU', ...cover, wait: '10m' }
  return `work elsewhere, or wait for it: ${begin}${typed.call('acquire', [lane], flags, told(place))}`
}

/** A lane of the file's own name, as far as one can be typed: two files of one holder must not want the same lane. */
function laneFor(path: string): string {
  const name = path
    .replaceAll(/[^\w./-]+/g, '-')
    .replace(/^[-.]+/, '')
    .slice(-LANE_LENGTH_MAX)
  return name === '' ? 'file' : name
}

const LANE_LENGTH_MAX = 200

/** A restored ledger is closed as a whole: no lane of it is to be waited for. */
export function isLedgerDrain({ lane, holder }: Pick<Refused, 'lane' | 'holder'>): boolean {
  return lane === LEDGER_DRAIN.lane && holder === LEDGER_DRAIN.holder
}

/** The flags that say which ledger refuses, where the advice is pasted. */
function placeFlags(
  { ledger }: Refused,
  { root, isHere, typed, store }: { root: string; isHere: boolean; typed: TypedLine; store: string },
): FlagValues {
  const given = typed.placeFlags({ elsewhere: !isHere })
  if (ledger === undefined || ledger.store === store) return given
  // Without its name another one would be found where a nearer one has been made, or where one is named already.
  const { store: _named, ledger: _name, ...others } = given
  const name = nameFlags(ledger.name ?? 'default')
  return isFound(ledger.store, root) ? { ...others, ...name } : { ...others, store: ledger.store, ...name }
}

function isFound(store: string, folder: string): boolean {
  try {
    return whichLedger({ folder }).url === store
  } catch {
    return false
  }
}

/** What regions are relative to that are typed in a folder with these flags; `null`: such a line ends with an error. */
function rootTyped(folder: string, { store }: FlagValues): string | null {
  try {
    return whichLedger({ folder, named: typeof store === 'string' ? store : undefined }).root
  } catch {
    return null
  }
}

/** A server's URL may hold a secret, which no advice repeats. */
function told(place: FlagValues): FlagValues {
  const { store } = place
  return typeof store === 'string' && /^[^:]+:\/\/[^/]*@/.test(store) ? { ...place, store: 'URL' } : place
}

interface Reading {
  readonly root: string
  readonly folder: string
  /** A literal path that is typed in `folder` is read under this very root. */
  readonly isRead: boolean
  /** The store, where the advice names one. */
  readonly named: string | undefined
}

/** The path itself; where no glob can tell it, the nearest folder around it that one can. */
function covering(path: string, reading: Reading): FlagValues {
  if (pathFault(path) !== null) {
    const parent = dirname(path)
    return parent === '.' ? { region: '**' } : covering(parent, reading)
  }
  const { root, folder, isRead, named } = reading
  const place = join(root, path)
  const isOwn = isRead && innerThere(root, place, named) === null
  return isOwn ? { path: pathFrom(folder, place) } : { region: escapeGlob(path) }
}

function innerThere(root: string, place: string, named: string | undefined): string | null {
  try {
    return innerRoot(root, place, named)
  } catch {
    return place
  }
}

function pathFrom(folder: string, place: string): string {
  const path = relative(folder, place)
  return path.trim() === '' ? `./${path}` : path
}
