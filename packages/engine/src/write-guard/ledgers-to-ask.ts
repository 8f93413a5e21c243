import { statSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { whichLedger, type LedgerAt, type WhichLedger } from '../which-ledger/which-ledger.ts'
import { placeOf } from '../which-ledger/work-tree.ts'
import type { GuardedPath } from './guarded-path.ts'

/** A further ledger that may have leases on some of the paths, which are relative to its own root. */
export interface LedgerToAsk extends LedgerAt {
  readonly paths: readonly GuardedPath[]
}

/**
 * Which ledgers have a say in what is written besides the one that is meant: those of the repositories around this one,
 * and, for a path that lies in another work tree or a nested repository, the ledger there. Where one is named, it alone has
 * a say; a path in another work tree of the same repository is then asked for under that tree's root too.
 *
 * @throws StoreError `unavailable` for a `.git` on the way that cannot be used.
 */
export function ledgersToAsk(
  which: WhichLedger,
  { root, paths, staged }: { readonly root: string; readonly paths: readonly GuardedPath[]; readonly staged: boolean },
): readonly LedgerToAsk[] {
  const asked = new Map<string, LedgerToAsk>()
  const ask = (ledger: LedgerAt, given: string, place: string): void => {
    const path = within(ledger.root, place)
    if (path === null || (ledger.url === which.url && ledger.root === root)) return
    const key = JSON.stringify([ledger.url, ledger.root])
    const before = asked.get(key)?.paths ?? []
    if (before.some(other => other.given === given && other.inside[0] === path)) return
    asked.set(key, { url: ledger.url, root: ledger.root, paths: [...before, { given, inside: [path], outside: [] }] })
  }
  const atPlaces = new Map<string, readonly LedgerAt[]>()
  for (const { given, inside, outside } of paths) {
    for (const place of [...inside.map(path => join(root, path)), ...outside]) {
      for (const ledger of which.surrounding) ask(ledger, given, place)
      // What git has staged lies in this work tree.
      if (staged) continue
      const folder = folderOf(dirname(place))
      const there = atPlaces.get(folder) ?? ledgersAt(folder, which, root)
      atPlaces.set(folder, there)
      for (const ledger of there) ask(ledger, given, place)
    }
  }
  return [...asked.values()]
}

function ledgersAt(folder: string, which: WhichLedger, root: string): readonly LedgerAt[] {
  if (which.why === 'option' || which.why === 'variable') return underTheName(folder, which, root)
  const there = whichLedger({ folder, environment: {} })
  return [...(there.exists === true ? [{ url: there.url, root: there.root }] : []), ...there.surrounding]
}

function underTheName(folder: string, { url }: WhichLedger, root: string): readonly LedgerAt[] {
  if (within(root, folder) === null) return []
  const [here, there] = [root, folder].map(each => placeOf(each, {}).repository)
  const isSame = here?.commonDir === there?.commonDir
  return there !== null && there !== undefined && isSame ? [{ url, root: there.top }] : []
}

/** The nearest folder that exists: what is written may bring its folders with it. */
function folderOf(path: string): string {
  const parent = dirname(path)
  return parent === path || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : folderOf(parent)
}

/** A place relative to a root, with `/`; `null` where it lies outside, or is the root itself. */
function within(root: string, place: string): string | null {
  const path = relative(root, place)
  return path === '' || path === '..' || path.startsWith(`..${sep}`) ? null : path.split(sep).join('/')
}
