import { realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isNamed } from '../which-ledger/ledger-files.ts'
import { whichLedger, type LedgerAt, type WhichLedger } from '../which-ledger/which-ledger.ts'
import type { Repository } from '../which-ledger/repository.ts'
import { aroundOf } from '../which-ledger/superproject.ts'
import { pathWithin } from '../which-ledger/within.ts'
import { locationAtLeast, locationOf } from '../which-ledger/work-tree.ts'
import type { GuardedPath } from './guarded-path.ts'

/** A further ledger that may have leases on some of the paths, which are relative to its own root. */
export interface LedgerToAsk extends LedgerAt {
  readonly paths: readonly GuardedPath[]
}

/** What is written, and how. */
export interface Asked {
  readonly root: string
  readonly paths: readonly GuardedPath[]
  /** Git commits them. */
  readonly staged: boolean
  /** Where the git directory of the commit is at home (`commitHome`); `null` and absent: here. */
  readonly home?: string | null | undefined
}

/**
 * Which ledgers have a say in what is written besides the one that is meant: those of the repositories around this one,
 * and, for a path that lies in another work tree or a nested repository, the ledger there. A commit that lands in a git
 * directory of another place is asked about there as well, by the paths that it has there. Where a ledger is named, it alone
 * has a say; a path in another work tree of its repository, and such a commit, are then asked about under that root too.
 *
 * @throws StoreError `unavailable` for a `.git` on the way that cannot be used.
 */
export function ledgersToAsk(which: WhichLedger, { root, paths, staged, home = null }: Asked): readonly LedgerToAsk[] {
  const asked = new Map<string, LedgerToAsk>()
  const own = new Set(paths.flatMap(({ inside }) => inside))
  const ask = (ledger: LedgerAt, given: string, place: string): void => {
    const path = pathWithin(ledger.root, place)
    if (path === null || path === '' || (ledger.url === which.url && ledger.root === root && own.has(path))) return
    const key = JSON.stringify([ledger.url, ledger.root])
    const before = asked.get(key)?.paths ?? []
    if (before.some(other => other.given === given && other.inside[0] === path)) return
    asked.set(key, { url: ledger.url, root: ledger.root, paths: [...before, { given, inside: [path], outside: [] }] })
  }
  const atHome = home === null ? [] : ledgersAtHome(home, which)
  const atPlaces = new Map<string, readonly LedgerAt[]>()
  for (const { given, inside, outside } of paths) {
    for (const ledger of atHome) ask(ledger, given, join(realpathSync(home ?? root), given))
    for (const place of [...inside.map(path => join(root, path)), ...outside]) {
      for (const ledger of which.surrounding) ask(ledger, given, place)
      // What git has staged lies in this work tree, whatever is named as the root.
      if (staged) {
        ask(which, given, place)
        continue
      }
      const folder = folderOf(dirname(place))
      const there = atPlaces.get(folder) ?? ledgersAt(folder, which, root)
      atPlaces.set(folder, there)
      for (const ledger of there) ask(ledger, given, place)
    }
  }
  return [...asked.values()]
}

/** Fails closed where the home is there no more: nobody knows then who leases what the commit changes. */
function ledgersAtHome(home: string, which: WhichLedger): readonly LedgerAt[] {
  if (!isNamed(which)) return found(home)
  const path = /^sqlite:(.+)$/is.exec(which.url)?.[1]
  const named = path === undefined ? which.url : `sqlite:${resolve(path)}`
  return [{ url: which.url, root: whichLedger({ folder: home, named, environment: {} }).root }]
}

/** The further ledgers, or roots of the one that is named, that have a say at a folder. */
export function ledgersAt(folder: string, which: WhichLedger, root: string): readonly LedgerAt[] {
  return isNamed(which) ? underTheName(folder, which, root) : found(folder)
}

function found(folder: string): readonly LedgerAt[] {
  const there = whichLedger({ folder, environment: {} })
  return [...(there.exists === true ? [{ url: there.url, root: there.root }] : []), ...there.surrounding]
}

/**
 * Further roots by which the ledger that is named may have leases on what lies in a folder: that of the folder's own work
 * tree, if it is one of the ledger's repository; and where each caller has a root of their own, all that are around it.
 */
function underTheName(folder: string, { url, rootIsOwn }: WhichLedger, root: string): readonly LedgerAt[] {
  const there = repositoryOf(folder, root)
  if (there === null) return []
  if (rootIsOwn === true) return [there, ...around(there)].map(({ top }) => ({ url, root: top }))
  return repositoryOf(root, root)?.commonDir === there.commonDir ? [{ url, root: there.top }] : []
}

function around(repository: Repository): readonly Repository[] {
  const next = aroundOf(repository)
  return next === null ? [] : [next, ...around(next)]
}

/** Who names a ledger may stand in a tree whose git directory cannot be seen; what is in another such tree is not judged. */
function repositoryOf(folder: string, root: string): Repository | null {
  const { repository, markedTop } = locationAtLeast(folder, {})
  return markedTop === undefined || markedTop === root ? repository : locationOf(folder, {}).repository
}

/** The nearest folder upward that exists: what is written may bring its folders with it. */
export function folderOf(path: string): string {
  const parent = dirname(path)
  return parent === path || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : folderOf(parent)
}
