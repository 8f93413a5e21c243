import { constants, copyFileSync, existsSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { LedgerState } from '@holdfast/core'
import { checkWrites } from '@holdfast/engine/write-guard'
import { systemLook } from '../shell-writes/look.ts'
import { foreignFiles, type ForeignClaim, type ForeignFiles, type Looking } from './foreign-files.ts'
import { copiesOf, keepWatch, takeWatch, type WatchedCall } from './watch-file.ts'

/** Bytes that are copied before one call. */
const COPIED_BYTES_MAX = 64 * 1024 * 1024

/** A file of somebody else's that was changed while a tool call ran. */
export interface Trespass {
  readonly path: string
  readonly change: 'made' | 'changed' | 'removed'
  readonly claim: ForeignClaim
  /** Where what the call has written is kept, if the file was put back. */
  readonly putBack: string | null
}

/**
 * Notes what stands in other people's regions before a tool call. With `copies`, tracked files are copied that can only be
 * changed by this call: those whose holder is known to work in another work tree.
 */
export function watchCall(
  state: LedgerState,
  about: WatchedCall,
  looking: Looking,
  { copies }: { readonly copies: boolean },
): void {
  const found = foreignFiles(state, looking)
  const prints = Object.fromEntries([...found.files].map(([path, { print }]) => [path, print]))
  const kept = copies ? copied(state, about, looking, found) : {}
  keepWatch(about, { root: about.root, isWhole: found.isWhole, prints, copies: kept })
}

/**
 * What has changed there since. `null`: the call was not watched. `isWhole`: all was looked at, before and now. Who holds a
 * region in the same work tree may have changed it meanwhile: nobody can tell.
 */
export function trespassesSince(
  state: LedgerState,
  about: WatchedCall,
  looking: Looking,
): { readonly trespasses: readonly Trespass[]; readonly isWhole: boolean } | null {
  const before = takeWatch(about)
  if (before === null) return null
  const now = foreignFiles(state, looking)
  const trespasses: Trespass[] = []
  for (const [path, { print, claim }] of now.files) {
    const was = before.prints[path]
    if (was === print || (was === undefined && !before.isWhole)) continue
    const change = was === undefined ? 'made' : 'changed'
    trespasses.push({ path, change, claim, putBack: putBack(about, path, before.copies[path]) })
  }
  for (const path of Object.keys(before.prints)) {
    if (now.files.has(path) || !isGone(join(about.root, path))) continue
    const claim = claimOn(state, path, looking)
    if (claim !== null)
      trespasses.push({ path, change: 'removed', claim, putBack: putBack(about, path, before.copies[path]) })
  }
  if (!trespasses.some(trespass => trespass.putBack !== null)) rmSync(copiesOf(about), { recursive: true, force: true })
  return { trespasses, isWhole: before.isWhole && now.isWhole }
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
