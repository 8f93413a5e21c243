import { dirname, join } from 'node:path'
import { isThere, mainTopOf, type Repository } from './repository.ts'
import { isWithin } from './within.ts'
import type { FolderLocation } from './work-tree.ts'

/** Why a ledger is the one that is meant. */
export type Why =
  /** Named by `--store`, or by whoever calls the library. */
  | 'option'
  /** Named by HOLDFAST_STORE. */
  | 'variable'
  /** The nearest `.holdfast/ledger.db` upward within the work tree. */
  | 'work-tree'
  /** `.holdfast/ledger.db` at the top of the main work tree. */
  | 'main-tree'
  /** `holdfast/ledger.db` in the repository's common git directory. */
  | 'git-directory'
  /** `.holdfast/ledger.db` in this folder or upward, outside git. */
  | 'folder'

/** Whether somebody named it: it is then the one, wherever they stand. */
export function isNamed({ why }: { readonly why: Why }): boolean {
  return why === 'option' || why === 'variable'
}

/** A ledger by where it is. */
export interface LedgerFile {
  readonly path: string
  readonly why: Why
  /** What its regions are relative to, for those who find it here. */
  readonly root: string
}

const FOLDER = '.holdfast'
const FILE = 'ledger.db'

/** What SQLite and the store leave beside a database: where they are, one was. */
const LEFT_BEHIND = ['-wal', '.head'] as const

/** The database in a folder's `.holdfast`. */
export function ledgerIn(folder: string): string {
  return join(folder, FOLDER, FILE)
}

/** The ledgers that a place knows of, the one that is meant first. */
export function ledgerFiles(location: FolderLocation): readonly LedgerFile[] {
  const { folder, repository, submodule } = location
  if (repository === null) return upward(folder, null).map(found => file(found, 'folder', found))
  const { top } = repository
  // A submodule's own folder is left out: it belongs to the ledger of its superproject.
  const start = submodule === null ? folder : dirname(submodule)
  const inTree = upward(isWithin(start, top) ? start : top, top).map(found => file(found, 'work-tree', top))
  const main = mainTopOf(repository)
  const atMain = main !== null && main !== top && holdsLedger(main) ? [file(main, 'main-tree', top)] : []
  const common = gitLedger(location)
  const inGit =
    common !== null && isDatabase(common) ? [{ path: common, why: 'git-directory', root: top } as const] : []
  return [...inTree, ...atMain, ...inGit]
}

/** Where the ledger of a repository is that all of its work trees share; `null` outside git. */
export function gitLedger({ repository }: Pick<FolderLocation, 'repository'>): string | null {
  return repository === null ? null : join(repository.commonDir, 'holdfast', FILE)
}

/**
 * Ledgers of a submodule from when it was a repository of its own: in its folders, and in its git directory. Nobody means
 * them any more, and their leases may still be believed in.
 */
export function ledgersOfSubmodule({ folder, submodule, inner }: FolderLocation): readonly Omit<LedgerFile, 'why'>[] {
  if (submodule === null) return []
  const inFolders = upward(folder, submodule).map(found => ({
    path: ledgerIn(found),
    root: inner.find(({ top }) => isWithin(found, top))?.top ?? submodule,
  }))
  return [...inFolders, ...inner.flatMap(ledgerInGitDirectory)]
}

/** The ledger in the git directory of a submodule, if there is one. */
export function ledgerInGitDirectory(repository: Repository): readonly Omit<LedgerFile, 'why'>[] {
  const path = join(repository.commonDir, 'holdfast', FILE)
  return isDatabase(path) ? [{ path, root: repository.top }] : []
}

function file(folder: string, why: Why, root: string): LedgerFile {
  return { path: ledgerIn(folder), why, root }
}

/** The folders with a ledger from `folder` up to `top`, or to the very top. */
function upward(folder: string, top: string | null): readonly string[] {
  const here = holdsLedger(folder) ? [folder] : []
  const parent = dirname(folder)
  return folder === top || parent === folder ? here : [...here, ...upward(parent, top)]
}

/** A link to where nothing is now counts: whoever made it keeps the ledger there. */
function holdsLedger(folder: string): boolean {
  return isThere(join(folder, FOLDER)) && (isDatabase(ledgerIn(folder)) || isLinkToNothing(join(folder, FOLDER)))
}

/** What was removed, or cannot be seen, counts as there: opening it says so, and a new one elsewhere would hide it. */
export function isDatabase(path: string): boolean {
  return isThere(path) || LEFT_BEHIND.some(suffix => isThere(path + suffix))
}

function isLinkToNothing(path: string): boolean {
  return isThere(path) && !isThere(`${path}/.`)
}
