import { realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { WorkTree } from '@holdfast/core'
import { StoreError } from '@holdfast/store'
import { demandInTree } from './in-tree-marker.ts'
import {
  gitLedger,
  isDatabase,
  ledgerFiles,
  ledgerIn,
  ledgersOfSubmodule,
  type LedgerFile,
  type Why,
} from './ledger-files.ts'
import { recordedRootFor, rootFor, type CallersLocation } from './ledger-root.ts'
import { aroundOf } from './superproject.ts'
import { locationAtLeast, locationOf, workTreeOf, type FolderLocation } from './work-tree.ts'

/** Where a ledger is, and what its regions are relative to. */
export interface LedgerAt {
  readonly url: string
  readonly root: string
}

/** Which ledger is meant, and why. */
export interface WhichLedger extends LedgerAt {
  readonly why: Why
  /** Whether it is there: a file is seen, a server is not asked. */
  readonly exists: boolean | 'unknown'
  /** `null`: outside git, where git does not tell, and for a linked one that has no mark as yet (`workTreeAt`). */
  readonly workTree: WorkTree | null
  /** Further ledgers that somebody here could mean, who then is excluded by nobody who means this one. */
  readonly others: readonly string[]
  /**
   * The ledgers of the repositories and folders around this repository, and those of a submodule from before it was one,
   * where they exist: the guard asks them as well.
   */
  readonly surrounding: readonly LedgerAt[]
  /** A store that is named says by itself what its regions are relative to, and the caller stands elsewhere: where. */
  readonly away?: string | undefined
  /** A store that is named, and whose regions are relative to the top of whichever work tree a caller is in. */
  readonly rootIsOwn?: true | undefined
}

export interface WhichLedgerQuestion {
  /** The working folder. */
  readonly folder: string
  /** What was named on the command line, or by a caller. */
  readonly named?: string | undefined
  /** Default: this process's. HOLDFAST_STORE, and git's own variables where the folder lies in no repository. */
  readonly environment?: NodeJS.ProcessEnv | undefined
}

/**
 * The ledger that is meant in a folder. The first of: one that is named; `.holdfast/ledger.db` upward within the work
 * tree, then at the top of the main one; `holdfast/ledger.db` in the repository's common git directory; outside git,
 * `.holdfast/ledger.db` upward. Where none of them exists, the answer is where a first write makes it: in the common git
 * directory, or in the folder itself. Opens, makes and starts nothing.
 *
 * @throws StoreError `unavailable` for a `.git` that points nowhere, is none or cannot be read, and for a ledger of the main
 * work tree that is gone, unless a ledger is named; `invalid` for a name that is empty.
 */
export function whichLedger(question: WhichLedgerQuestion): WhichLedger {
  const { folder, named, environment = process.env } = question
  if (named === '') throw new StoreError('invalid', 'The store is named by an empty text; name one, or leave it out.')
  if (named !== undefined) return namedLedger(named, 'option', folder, environment)
  const variable = environment['HOLDFAST_STORE'] ?? ''
  if (variable !== '') return namedLedger(variable, 'variable', folder, environment)
  return discovered(locationOf(folder, environment))
}

/** What regions are relative to in a folder: the top of its work tree, else the folder of the ledger that is found. */
export function rootOf(folder: string, environment: NodeJS.ProcessEnv = process.env): string {
  return rootAt(locationAtLeast(folder, environment))
}

/**
 * The work tree that a folder lies in, by what is on the disk unless an environment is given; `null`: unknown, or none. A
 * linked one that has no mark as yet gets it, so that it is known from now on.
 */
export function workTreeAt(folder: string, environment: NodeJS.ProcessEnv = {}): WorkTree | null {
  return workTreeOf(locationAtLeast(folder, environment), { marking: true })
}

/** The work tree of a ledger's root as a caller in `folder` means it; one that has no mark as yet gets it. */
export function treeMeant(
  { workTree, root }: Pick<WhichLedger, 'workTree' | 'root'>,
  folder: string,
  environment: NodeJS.ProcessEnv = process.env,
): WorkTree | null {
  return workTree ?? (rootOf(folder, environment) === root ? workTreeAt(folder, environment) : workTreeAt(root))
}

function rootAt({ markedTop, ...location }: CallersLocation): string {
  if (location.repository !== null) return location.repository.top
  const [found] = ledgerFiles(location)
  return markedTop ?? (found === undefined ? location.folder : rootOfFound(found, location))
}

/** What is found goes on with the root that was recorded: a repository around it is no reason to mean other files. */
function rootOfFound({ path, root }: LedgerFile, location: FolderLocation): string {
  return recordedRootFor(path, location) ?? root
}

function discovered(location: FolderLocation): WhichLedger {
  const [first, ...others] = ledgerFiles(location)
  if (location.repository !== null && (first === undefined || first.why === 'git-directory'))
    demandInTree(location.repository)
  const { path, why } = first ?? toBeMade(location)
  const root = rootOfFound(first ?? toBeMade(location), location)
  const former = ledgersOfSubmodule(location)
  return {
    url: `sqlite:${path}`,
    why,
    exists: first !== undefined,
    root,
    workTree: workTreeOf(location),
    others: [...others.map(other => `sqlite:${other.path}`), ...former.map(other => `sqlite:${other.path}`)],
    surrounding: [
      ...former.map(other => ({ url: `sqlite:${other.path}`, root: other.root })),
      ...surroundingOf(location),
    ],
  }
}

function toBeMade(location: FolderLocation): LedgerFile {
  const { folder, repository } = location
  const common = gitLedger(location)
  if (repository === null || common === null) return { path: ledgerIn(folder), why: 'folder', root: folder }
  return { path: common, why: 'git-directory', root: repository.top }
}

function namedLedger(url: string, why: Why, folder: string, environment: NodeJS.ProcessEnv): WhichLedger {
  const named = /^sqlite:(.+)$/is.exec(url)?.[1]
  const path = named === undefined ? null : resolve(folder, named)
  const location = locationAtLeast(folder, environment)
  const found = location.markedTop === undefined ? ledgerFiles(location).map(file => file.path) : []
  const own = rootAt(location)
  const { root, away, isOwn } = (path === null ? null : rootFor(path, location)) ?? {
    root: own,
    away: false,
    isOwn: true,
  }
  return {
    url,
    why,
    exists: path === null ? 'unknown' : isDatabase(path),
    root,
    ...(isOwn ? { rootIsOwn: true } : {}),
    ...(away ? { away: own } : {}),
    workTree: workTreeOf(root === own ? location : locationAtLeast(root, {})),
    others: found.filter(other => path === null || !isSameFile(other, path)).map(other => `sqlite:${other}`),
    surrounding: [],
  }
}

function isSameFile(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b)
  } catch {
    return a === b
  }
}

/** What is around the repository, outwards. Another work tree of the same repository has the same ledger. */
function surroundingOf({ repository }: FolderLocation): readonly LedgerAt[] {
  if (repository === null) return []
  const parent = dirname(repository.top)
  if (parent === repository.top) return []
  const around = aroundOf(repository)
  if (around === null) {
    const outside = { folder: parent, repository: null, submodule: null, inner: [] }
    const [nearest] = ledgerFiles(outside)
    return nearest === undefined ? [] : [{ url: `sqlite:${nearest.path}`, root: rootOfFound(nearest, outside) }]
  }
  // Outside of every `.git` nothing of git's variables is asked.
  const outer = discovered(locationOf(parent, {}))
  const isSame = around.commonDir === repository.commonDir
  return [...(outer.exists === true && !isSame ? [{ url: outer.url, root: outer.root }] : []), ...outer.surrounding]
}
