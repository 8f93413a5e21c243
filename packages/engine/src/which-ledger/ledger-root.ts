import { basename, dirname } from 'node:path'
import { realPathOf } from './real-path.ts'
import { databaseAt, recordedRoot, recordRoot, type RecordedRoot } from './recorded-root.ts'
import { isGitDirectory, mainTopOf } from './repository.ts'
import { isWithin } from './within.ts'
import { locationAtLeast, type FolderLocation } from './work-tree.ts'

/** A caller's place; `markedTop` where its git directory cannot be seen. */
export type CallersLocation = FolderLocation & { readonly markedTop?: string }

/** What the regions of a ledger are relative to, for one caller. */
export interface RootFor {
  readonly root: string
  /** The caller stands in no folder that regions speak of: what is written without a leading `./` means nothing there. */
  readonly away: boolean
  /** It is the caller's own, for others have theirs. */
  readonly isOwn: boolean
}

/**
 * What the regions of the ledger in a file are relative to, whoever asks and from wherever: two callers of one ledger must
 * never mean different files by one region. It comes from the ledger's own place, or from what was recorded when it was
 * made. The work trees of its repository share it: the same path in two of them is the same region.
 * `null`: nothing says it, so each caller goes by where they stand.
 *
 * @throws StoreError `unavailable` for a record that cannot be read.
 */
export function rootFor(path: string, caller: CallersLocation): RootFor | null {
  const home = homeOf(databaseAt(path))
  if (home === null) return null
  if (home === 'each') return eachRoot(caller)
  const { root, repository } = home
  const own = repository === null ? null : treeIn(repository, caller)
  const isOwn = false
  return own === null ? { root, away: !isWithin(caller.folder, root), isOwn } : { root: own, away: false, isOwn }
}

/** The same, where only a record may say otherwise than where the ledger was found. */
export function recordedRootFor(path: string, caller: CallersLocation): string | null {
  if (recordedRoot(path) === null) return null
  return rootFor(path, caller)?.root ?? null
}

/**
 * Writes down what the regions of a store that is about to be made are relative to, where its place does not say it for
 * good. `like`: the ledger that it continues; else the place says it, else the caller's does. A record that is there stays.
 */
export function recordRootOf(
  path: string,
  {
    folder,
    environment = process.env,
    like,
  }: { folder?: string; environment?: NodeJS.ProcessEnv; like?: string | null },
): void {
  const database = databaseAt(path)
  if (isInGitDirectory(database)) return
  const own = folder === undefined ? null : ownHome(locationAtLeast(folder, environment))
  const home = homeOf(database) ?? (typeof like === 'string' ? homeOf(databaseAt(like)) : null) ?? own
  if (home !== null) recordRoot(database, home)
}

/** What the regions of a ledger at a path are or would be relative to, seen from a folder; `null`: nothing says it yet. */
export function rootThere(path: string, folder: string): string | null {
  return rootFor(path, locationAtLeast(folder, process.env))?.root ?? null
}

/**
 * What is to be recorded for a root that somebody names: a folder, with its repository where it is the top of a work tree.
 * `null`: the ledger lies in a git directory, whose work trees say it.
 */
export function rootToRecord(path: string, named: 'each' | { readonly folder: string }): RecordedRoot | null {
  if (isInGitDirectory(databaseAt(path))) return null
  if (named === 'each') return named
  const root = realPathOf(named.folder)
  const location = locationAtLeast(root, {})
  return location.repository?.top === root ? ownHome(location) : { root, repository: null }
}

function ownHome({ folder, repository, markedTop }: CallersLocation): Home {
  if (repository === null) return { root: markedTop ?? folder, repository: null }
  return { root: mainTopOf(repository) ?? repository.top, repository: repository.commonDir }
}

interface Home {
  readonly root: string
  readonly repository: string | null
}

function homeOf(database: string): Home | 'each' | null {
  const folder = dirname(database)
  const above = dirname(folder)
  if (isInGitDirectory(database)) return { root: mainTopOf({ commonDir: above }) ?? above, repository: above }
  const recorded = recordedRoot(database)
  if (recorded === 'each') return 'each'
  if (recorded !== null) return { root: recorded.root, repository: recorded.repository ?? repositoryAt(recorded.root) }
  if (basename(folder) !== '.holdfast') return null
  const { repository, markedTop } = locationAtLeast(above, {})
  if (repository === null) return { root: markedTop ?? above, repository: null }
  return { root: repository.top, repository: repository.commonDir }
}

function isInGitDirectory(database: string): boolean {
  const folder = dirname(database)
  return basename(folder) === 'holdfast' && isGitDirectory(dirname(folder))
}

/** A folder that has become the top of a repository since. */
function repositoryAt(root: string): string | null {
  const { repository } = locationAtLeast(root, {})
  return repository?.top === root ? repository.commonDir : null
}

/**
 * The caller's work tree, if it is one of that repository. Where its git directory cannot be seen, as in a container, the
 * name that was given is believed.
 */
function treeIn(commonDir: string, { repository, markedTop }: CallersLocation): string | null {
  if (repository === null) return markedTop ?? null
  return repository.commonDir === commonDir ? repository.top : null
}

function eachRoot({ folder, repository, markedTop }: CallersLocation): RootFor {
  const top = repository?.top ?? markedTop
  return { root: top ?? folder, away: top === undefined, isOwn: true }
}
