import { rmSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { StoreError } from '@holdfast/store'
import { putSmallFile, readSmallFile } from '@holdfast/store/internal'
import { isMissing } from './file-errors.ts'
import { isDatabase, ledgerIn } from './ledger-files.ts'
import { mainTopOf, type Repository } from './repository.ts'
import { unusableGit } from './unusable-git.ts'
import { locationAtLeast, locationOf } from './work-tree.ts'

/**
 * A file in the common git directory that says that the repository's ledger lies in the main work tree, where `git clean`
 * and `rm` reach it, or that it has moved away, so that its old store looks like something to tidy up: without it the
 * next write would make another one, and nobody would be told.
 */
const MARKER = 'holdfast-in-tree'

/** Others of a shared repository have to read it, whatever the umask of whoever made it; it is no secret. */
const MODE = 0o644

export interface InTreeMarker {
  readonly ledgerId: string
  /** The database, absolute; of one that moved away, the one that it left. */
  readonly path: string
  /** The URL of the store in which it goes on. */
  readonly movedTo?: string | undefined
}

/**
 * Refuses to go on where the ledger that the marker names is gone.
 *
 * @throws StoreError `unavailable` with both ways out, also for a marker that cannot be read; `moved` for one that left.
 */
export function demandInTree({ commonDir }: Pick<Repository, 'commonDir'>): void {
  const marker = markerIn(commonDir)
  if (marker === null) return
  const { ledgerId, path, movedTo } = marker
  if (movedTo !== undefined) {
    // The store that it left says so itself as long as it is there, and keeps the history.
    if (isDatabase(path)) return
    throw goesOn(marker, movedTo)
  }
  const ways = `Put it back with \`holdfast restore BACKUP --store sqlite:${path}\`. Or begin a new ledger with \`holdfast init --anew\` (with --in-tree to make it in the same place): a lease there does not exclude holders in the old one.`
  const what = isDatabase(path)
    ? `lies at ${path}, where it is not found from here. Name it with --store or HOLDFAST_STORE`
    : `was at ${path} and is gone (\`git clean\` and \`rm\` reach it there). Nothing was made in its place. ${ways}`
  throw new StoreError('unavailable', `The ledger ${ledgerId} of this repository ${what}`, { detail: 'in-tree' })
}

function goesOn({ ledgerId }: InTreeMarker, movedTo: string): StoreError {
  const message = `The ledger ${ledgerId} of this repository continues at ${movedTo}, and its old store is gone. Nothing was made in its place. Name it with HOLDFAST_STORE=${movedTo} or --store. Or begin a new ledger with \`holdfast init --anew\`: a lease there does not exclude holders in the old one.`
  return new StoreError('moved', message)
}

/**
 * Marks in the repositories that a ledger left and came to where it is now: the one of its main work tree, and where one
 * that left for another store goes on. Where a git directory cannot be written nobody will be told when what it left is
 * removed.
 */
export function markMoved(
  ledgerId: string,
  { left, at, url }: { left: string | null; at: string | null; url: string },
): void {
  const from = left === null ? null : repositoryOf(left)
  const to = at === null ? null : repositoryOf(at)
  try {
    const there = to === null ? null : markerIn(to)
    const isPast = there !== null && (there.movedTo !== undefined || there.path === left)
    if (to !== null && isPast) rmSync(join(to, MARKER))
    if (at !== null) markInTree(at, ledgerId)
    if (left !== null && from !== null && from !== to) write(from, { ledgerId, path: left, movedTo: url })
  } catch {
    // The old store itself says where the ledger goes on, as long as it is there.
  }
}

/** The common git directory of the repository that finds the ledger at a path; `null`: none does. */
function repositoryOf(path: string): string | null {
  const folder = dirname(dirname(path))
  const { repository } = locationAtLeast(folder, {})
  if (repository !== null && join(repository.commonDir, 'holdfast', basename(path)) === path)
    return repository.commonDir
  return commonDirOf(path)
}

/**
 * Marks that a repository's ledger lies at the top of its main work tree, if it does. False where the git directory cannot
 * be written: nobody will be told then if the ledger is removed.
 */
export function markInTree(path: string, ledgerId: string): boolean {
  const commonDir = commonDirOf(path)
  if (commonDir === null) return true
  try {
    write(commonDir, { ledgerId, path })
    return true
  } catch {
    return false
  }
}

/** The git directory that is to have the mark for a database; `null`: none, for it does not lie at that place. */
function commonDirOf(path: string): string | null {
  const { repository } = locationAtLeast(dirname(dirname(path)), {})
  const top = repository === null ? null : mainTopOf(repository)
  return repository !== null && top !== null && ledgerIn(top) === path ? repository.commonDir : null
}

/**
 * Gives up a ledger of the main work tree that is gone; null where none is missing.
 *
 * @throws StoreError `unavailable` where the git directory cannot be written.
 */
export function giveUpInTree(folder: string): InTreeMarker | null {
  const { repository } = locationOf(folder, process.env)
  const marker = repository === null ? null : markerIn(repository.commonDir)
  if (repository === null || marker === null || isDatabase(marker.path)) return null
  const file = join(repository.commonDir, MARKER)
  try {
    rmSync(file)
  } catch (error) {
    throw unusableGit(file, 'cannot be removed', error)
  }
  return marker
}

function write(commonDir: string, marker: InTreeMarker): void {
  const text = JSON.stringify({ ...marker, path: relative(commonDir, marker.path) })
  putSmallFile(join(commonDir, MARKER), `${text}\n`, { mode: MODE, replace: true })
}

function markerIn(commonDir: string): InTreeMarker | null {
  const file = join(commonDir, MARKER)
  let text: string
  try {
    text = readSmallFile(file)
  } catch (error) {
    if (isMissing(error)) return null
    throw unusableGit(file, 'cannot be read', error)
  }
  const marker = parsed(text)
  if (marker === null) throw unusableGit(file, 'does not say where the ledger of this repository is')
  return { ...marker, path: resolve(commonDir, marker.path) }
}

function parsed(text: string): InTreeMarker | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('ledgerId' in value) || !('path' in value)) return null
    const { ledgerId, path } = value
    const movedTo = 'movedTo' in value ? value.movedTo : undefined
    if (typeof ledgerId !== 'string' || typeof path !== 'string') return null
    return movedTo === undefined || typeof movedTo === 'string' ? { ledgerId, path, movedTo } : null
  } catch {
    return null
  }
}
