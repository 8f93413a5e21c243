import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Holder, LedgerState } from '@holdfast/core'
import { checkWrites, type WriteAnswer, type Writer } from '@holdfast/engine/write-guard'

/** Files of others that are looked at. */
const FILES_MAX = 20_000

/** Longest look. */
const LOOK_MAX_MS = 1000

/** What git and the ledger keep for themselves. */
const LEFT_OUT: ReadonlySet<string> = new Set(['.git', '.holdfast'])

const LEASES_ALONE = { unclaimed: 'allow', outside: 'allow', temporary: 'allow' } as const

export type ForeignClaim = Extract<WriteAnswer, { readonly verdict: 'refused' }>

/** A file that somebody else has claimed, with what tells whether it is still the same. */
export interface ForeignFile {
  readonly print: string
  readonly claim: ForeignClaim
}

/** What tells a file from what it was; `null`: there is none. */
export function filePrint(root: string, path: string): string | null {
  const print = printOf(join(root, path))
  return print === 'folder' ? null : print
}

/** When a file was changed last, by its print. */
export function changedAtMs(print: string): number {
  return Number(BigInt(print.split(' ')[CHANGED] ?? '0') / NANOSECONDS_PER_MS)
}

const CHANGED = 3
const NANOSECONDS_PER_MS = 1_000_000n

export interface ForeignFiles {
  /** By their paths, relative to the root. */
  readonly files: ReadonlyMap<string, ForeignFile>
  /** Whether all were looked at; `false`: a bound was hit. */
  readonly isWhole: boolean
}

/** Who looks, and when. */
export interface Looking {
  /** Absolute and real. */
  readonly root: string
  readonly writer: Writer
  /** Of a sub-agent: the holder of its session, whose files are not foreign to it. */
  readonly parent?: Writer['holder']
  readonly nowMs: number
  readonly ownClock: Parameters<typeof checkWrites>[1]['ownClock']
}

/** The files of a work tree that somebody else has claimed, those that git ignores included. Bounded in number and time. */
export function foreignFiles(state: LedgerState, looking: Looking): ForeignFiles {
  const { root, writer, parent = null } = looking
  const regions = claimedRegions(state, looking.nowMs, holder => holder !== writer.holder && holder !== parent)
  const begins = regions.flatMap(region => region.flatMap(glob => beginningsOf(root, glob, state.config)))
  const { prints, isWhole } = walked(root, withoutInner(begins))
  const paths = [...prints.keys()].map(path => ({ given: path, inside: [path], outside: [] }))
  const files = new Map<string, ForeignFile>()
  for (const claim of checkWrites(state, { ...looking, paths, policy: LEASES_ALONE })) {
    const print = prints.get(claim.path)
    if (print === undefined || claim.verdict !== 'refused' || !isOthers(claim)) continue
    if (claim.holder === parent) continue
    files.set(claim.path, { print, claim })
  }
  return { files, isWhole }
}

/** The regions of others, those included that were taken from them and that they may still believe in. */
function claimedRegions(
  { leases, draining }: LedgerState,
  nowMs: number,
  isOther: (holder: Holder) => boolean,
): readonly (readonly string[])[] {
  const held = [...leases.values()].filter(({ holder }) => isOther(holder)).map(({ region }) => region)
  const drained = [...draining.kept(nowMs)].flatMap(([, { holder, region, ledgerWide }]) =>
    // After a restore all may be claimed by holders that the ledger does not know.
    ledgerWide === true ? [EVERYTHING] : isOther(holder) ? [region] : [],
  )
  return [...held, ...drained]
}

const EVERYTHING = ['**']

/** What is wrong with the own lease is the writer's own affair. */
function isOthers({ basis }: ForeignClaim): boolean {
  return basis === 'held-by-other' || basis === 'draining'
}

const WILDCARDS = ['*', '?', '{', '}', '[', ']', '+']

/** Where what a glob covers can be: the names that are there for its segments before the first with a wildcard. */
function beginningsOf(root: string, glob: string, { caseSensitive }: LedgerState['config']): readonly string[] {
  let found: readonly string[] = ['']
  const same = (name: string): string => (caseSensitive ? name : name.normalize('NFC').toLowerCase())
  for (const segment of glob.split('/')) {
    if (WILDCARDS.some(sign => segment.includes(sign))) break
    const wanted = same(segment)
    found = found.flatMap(path =>
      namesIn(join(root, path))
        .filter(name => same(name) === wanted)
        .map(name => (path === '' ? name : `${path}/${name}`)),
    )
  }
  return found
}

function withoutInner(begins: readonly string[]): readonly string[] {
  const all = [...new Set(begins)]
  return all.filter(begin => !all.some(other => other !== begin && (other === '' || begin.startsWith(`${other}/`))))
}

function walked(
  root: string,
  begins: readonly string[],
): { readonly prints: Map<string, string>; readonly isWhole: boolean } {
  const prints = new Map<string, string>()
  const untilMs = performance.now() + LOOK_MAX_MS
  const open = [...begins]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (prints.size >= FILES_MAX || performance.now() > untilMs) return { prints, isWhole: false }
    const place = join(root, path)
    const print = printOf(place)
    if (print === 'folder') {
      for (const name of namesIn(place)) {
        const inner = path === '' ? name : `${path}/${name}`
        if (!LEFT_OUT.has(name)) open.push(inner)
        else if (path !== '') prints.set(inner, thereOnly(join(root, inner)))
      }
    } else if (print !== null) prints.set(path, print)
  }
  return { prints, isWhole: true }
}

/** Of a repository in the tree it counts that it is there; what git does in it is its own. */
function thereOnly(place: string): string {
  const found = lstatSync(place, { throwIfNoEntry: false })
  return `there ${found?.ino ?? ''}`
}

/** A time of change that nobody can set, beside what else tells a file from what it was. */
function printOf(place: string): string | null {
  try {
    const found = lstatSync(place, { bigint: true })
    if (found.isDirectory()) return 'folder'
    const { mode, size, mtimeNs, ctimeNs, ino } = found
    return [mode, size, mtimeNs, ctimeNs, ino].join(' ')
  } catch {
    return null
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
