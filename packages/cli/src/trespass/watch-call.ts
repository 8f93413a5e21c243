import { constants, copyFileSync, existsSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { LedgerState } from '@holdfast/core'
import { checkWrites } from '@holdfast/engine/write-guard'
import { systemLook } from '../shell-writes/look.ts'
import {
  changedAtMs,
  filePrint,
  foreignFiles,
  type ForeignClaim,
  type ForeignFiles,
  type Looking,
} from './foreign-files.ts'
import { ticksNow } from './left-processes.ts'
import { isEdited, NOT_THERE } from './own-edits.ts'
import { copiesOf, keepWatch, takeWatch, type Watch, type WatchedCall } from './watch-file.ts'

/** Bytes that are copied before one call. */
const COPIED_BYTES_MAX = 64 * 1024 * 1024

/** How far the clock of a file system may be behind ours: it goes by steps. */
const CLOCK_STEP_MS = 20

/** A file of somebody else's that was changed while a tool call ran. */
export interface Trespass {
  readonly path: string
  readonly change: 'made' | 'changed' | 'removed'
  readonly claim: ForeignClaim
  /** Where what the call has written is kept, if the file was put back. */
  readonly putBack: string | null
}

/** What one call may do beyond what is usual. */
export interface Watching {
  /** Tracked files are copied that can only be changed by this call: those whose holder is known to work in another work tree. */
  readonly copies: boolean
  /** Places that the command is known to write, relative to the root: somebody may claim them while it runs. */
  readonly targets?: readonly string[]
}

/** Notes what stands in other people's regions before a tool call, and at the places that it is known to write. */
export function watchCall(
  state: LedgerState,
  about: WatchedCall,
  looking: Looking,
  { copies, targets = [] }: Watching,
): void {
  const ticks = ticksNow()
  const atMs = watchedAtMs()
  const found = foreignFiles(state, looking)
  const kept = copies ? copied(state, about, looking, found) : {}
  const free = targets.flatMap(path => {
    const print = found.files.has(path) ? null : filePrint(about.root, path)
    return print === null ? [] : [[path, print] as const]
  })
  const watch = watchOf(state, about.root, found, { ticks, atMs })
  keepWatch(about, { ...watch, prints: { ...watch.prints, ...Object.fromEntries(free) }, copies: kept })
}

/** Now, by the clock of the file system's times: it is never ahead of what a file may bear. */
export function watchedAtMs(): number {
  return Date.now() - CLOCK_STEP_MS
}

/** What stands there by now, without copies. */
export function watchOf(
  state: LedgerState,
  root: string,
  { files, isWhole }: ForeignFiles,
  when: Pick<Watch, 'ticks' | 'atMs'>,
): Watch {
  const prints = Object.fromEntries([...files].map(([path, { print }]) => [path, print]))
  return { root, isWhole, prints, copies: {}, leases: [...state.leases.keys()], ...when }
}

/** What a look after a call has found. `isWhole`: all was looked at, before and now. */
export interface Looked {
  readonly trespasses: readonly Trespass[]
  readonly isWhole: boolean
}

/**
 * What has changed there since. `null`: the call was not watched. Who holds a region in the same work tree may have changed
 * it meanwhile: nobody can tell.
 */
export function trespassesSince(state: LedgerState, about: WatchedCall, looking: Looking): Looked | null {
  const before = takeWatch(about)
  if (before === null) return null
  return compared(state, { about, before, now: foreignFiles(state, looking) }, looking)
}

/** Tells what stood there and what stands there now apart. */
export function compared(
  state: LedgerState,
  { about, before, now }: { readonly about: WatchedCall; readonly before: Watch; readonly now: ForeignFiles },
  looking: Looking,
): Looked {
  const trespasses = differences(state, { about, seen: before, now }, looking)
  return { trespasses, isWhole: before.isWhole && now.isWhole }
}

function differences(
  state: LedgerState,
  { about, seen, now }: { readonly about: WatchedCall; readonly seen: Watch; readonly now: ForeignFiles },
  looking: Looking,
): readonly Trespass[] {
  const trespasses: Trespass[] = []
  const leases = new Set(seen.leases)
  for (const [path, { print, claim }] of now.files) {
    const was = seen.prints[path]
    if (was === print) continue
    const isNewClaim = !leases.has(claim.leaseId)
    // What has been claimed meanwhile is new to the look, and need not be new, nor changed.
    if (was === undefined && (isNewClaim ? changedAtMs(print) < seen.atMs : !seen.isWhole)) continue
    const before = was ?? (isNewClaim ? null : NOT_THERE)
    if (isEdited(about, path, before, print)) continue
    const change = before === NOT_THERE ? 'made' : 'changed'
    trespasses.push({ path, change, claim, putBack: putBack(about, path, seen.copies[path]) })
  }
  for (const [path, was] of Object.entries(seen.prints)) {
    if (now.files.has(path) || !isGone(join(about.root, path))) continue
    const claim = claimOn(state, path, looking)
    if (claim !== null && !isEdited(about, path, was, NOT_THERE))
      trespasses.push({ path, change: 'removed', claim, putBack: putBack(about, path, seen.copies[path]) })
  }
  if (!trespasses.some(trespass => trespass.putBack !== null)) rmSync(copiesOf(about), { recursive: true, force: true })
  return trespasses
}

function claimOn(state: LedgerState, path: string, looking: Looking): ForeignClaim | null {
  const paths = [{ given: path, inside: [path], outside: [] }]
  const policy = { unclaimed: 'allow', outside: 'allow', temporary: 'allow' } as const
  const [answer] = checkWrites(state, { ...looking, paths, policy })
  if (answer?.verdict !== 'refused' || answer.holder === looking.parent) return null
  return ['held-by-other', 'draining'].includes(answer.basis) ? answer : null
}

function isGone(place: string): boolean {
  return lstatSync(place, { throwIfNoEntry: false }) === undefined
}

function copied(
  state: LedgerState,
  about: WatchedCall,
  { root, writer }: Looking,
  { files }: ForeignFiles,
): Record<string, string> {
  const tracked = new Set(systemLook.git(root, ['ls-files', '-z'])?.split('\0') ?? [])
  const folder = copiesOf(about)
  const kept: Record<string, string> = {}
  let bytes = 0
  for (const [path, { claim }] of files) {
    const tree = state.leases.get(claim.leaseId)?.workTree
    const isElsewhere = tree && writer.workTree && tree.id !== writer.workTree.id
    if (!tracked.has(path) || !isElsewhere) continue
    const found = lstatSync(join(root, path), { throwIfNoEntry: false })
    bytes += found?.size ?? 0
    if (found?.isFile() !== true || bytes > COPIED_BYTES_MAX) continue
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const copy = join(folder, String(Object.keys(kept).length))
    copyFileSync(join(root, path), copy, constants.COPYFILE_FICLONE)
    kept[path] = copy
  }
  return kept
}

/** Puts a file back, and keeps what stood in its place. Not through a link: there it would be another file. */
function putBack({ root }: WatchedCall, path: string, copy: string | undefined): string | null {
  if (copy === undefined || !existsSync(copy)) return null
  const place = join(root, path)
  const written = `${copy}.written`
  try {
    mkdirSync(dirname(place), { recursive: true })
    if (realpathSync(dirname(place)) !== dirname(place)) return null
    const found = lstatSync(place, { throwIfNoEntry: false })
    if (found?.isDirectory() === true) return null
    if (found?.isFile() === true) copyFileSync(place, written)
    // Made beside it and put in its place: no reader sees half of it.
    const beside = `${place}.holdfast-${process.pid}`
    copyFileSync(copy, beside)
    renameSync(beside, place)
    return found?.isFile() === true ? written : copy
  } catch {
    return null
  }
}
