import { posix } from 'node:path'
import { escapeGlob, liveLeases, overlap, pathFault, type EpochMs, type Lease, type LedgerState } from '@holdfast/core'
import { CLAIMS_MAX, drainingAt, editLane, RegionReader } from '@holdfast/core/internal'
import { sessionLeases } from './own-leases.ts'

/** The kind of lease that an edit claims. */
export const EDIT_KIND = 'edit'

/** How far the leases of a session may grow by themselves. */
export interface ClaimLimits {
  /** Files of one folder that are leased one by one; past it the folder is, if it is free. */
  readonly folderFiles: number
  /** Leases that edits claim in all; past it the session has to say what it works on. */
  readonly total: number
}

/** What is to be claimed for files in nobody's region. */
export type ClaimPlan =
  | {
      readonly plan: 'claim'
      /** Files, and folders that stand for the files in them. */
      readonly paths: readonly string[]
      /** Own leases that a folder takes the place of: given up in the same append. */
      readonly instead: readonly Lease[]
    }
  /** The session holds as much as it may without saying what it works on. */
  | { readonly plan: 'too-many'; readonly held: number }
  /** No region can tell such a name: its folder is to be leased. */
  | { readonly plan: 'no-name'; readonly path: string; readonly why: string }

/** Plans what the first edit of files claims. `paths`: relative to the root, in nobody's region. */
export function planClaims(
  state: LedgerState,
  asked: {
    readonly name: string
    readonly paths: readonly string[]
    readonly limits: ClaimLimits
    readonly nowMs: EpochMs
  },
): ClaimPlan {
  const { name, limits, nowMs } = asked
  const paths = [...new Set(asked.paths)]
  const unnamed = paths.find(path => pathFault(path) !== null)
  if (unnamed !== undefined) return { plan: 'no-name', path: unnamed, why: pathFault(unnamed) ?? '' }
  const own = sessionLeases(state, name).filter(({ kind }) => kind === EDIT_KIND)
  const claimed: string[] = []
  const instead: Lease[] = []
  for (const [folder, files] of byFolder(paths)) {
    const inFolder = own.filter(({ lane }) => files.length > 0 && isFileOf(lane, folder))
    const isWide = inFolder.length + files.length > limits.folderFiles && folder !== '.'
    if (isWide && isFree(state, folder, { name, nowMs })) {
      claimed.push(folder)
      instead.push(...own.filter(lease => isBelow(lease, folder)))
    } else claimed.push(...files)
  }
  const held = own.length - instead.length + claimed.length
  if (held > limits.total || claimed.length > CLAIMS_MAX) return { plan: 'too-many', held: own.length }
  return { plan: 'claim', paths: claimed.filter(path => !claimed.some(other => path.startsWith(`${other}/`))), instead }
}

function byFolder(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const folders = new Map<string, string[]>()
  for (const path of paths) {
    const folder = posix.dirname(path)
    folders.set(folder, [...(folders.get(folder) ?? []), path])
  }
  return folders
}

function isFileOf(lane: string, folder: string): boolean {
  const path = lane.startsWith(editLane('')) ? lane.slice(editLane('').length) : null
  return path !== null && posix.dirname(path) === folder
}

/** Whether a lease covers nothing beside the folder: it can be given up for it. */
function isBelow({ region }: Lease, folder: string): boolean {
  return region.length > 0 && region.every(glob => glob.startsWith(`${escapeGlob(folder).replace(/\/\*\*$/, '')}/`))
}

/** Whether nobody else holds anything in the folder, or may still believe that they do. */
function isFree(
  state: LedgerState,
  folder: string,
  { name, nowMs }: { readonly name: string; readonly nowMs: EpochMs },
): boolean {
  const reader = new RegionReader({ caseSensitive: state.config.caseSensitive })
  const wanted = reader.read([escapeGlob(folder)])
  const isApart = (globs: readonly string[]): boolean => {
    if (globs.length === 0) return true
    const theirs = reader.read(globs)
    return wanted.ok && theirs.ok && !overlap({ a: wanted.region, b: theirs.region }).overlap
  }
  const others = liveLeases(state).filter(({ holder, process }) => holder !== name || process !== null)
  return (
    others.every(({ region }) => isApart(region)) &&
    [...drainingAt(state, { nowMs })].every(({ region, ledgerWide }) => ledgerWide !== true && isApart(region))
  )
}
