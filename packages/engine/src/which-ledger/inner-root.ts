import { dirname, join } from 'node:path'
import { isDatabase, ledgerIn } from './ledger-files.ts'
import { isThere, repositoryAbove } from './repository.ts'
import { whichLedger } from './which-ledger.ts'
import { locationOf } from './work-tree.ts'

/**
 * The root below `root` that a place in it has leases under: of another work tree, of a nested repository, or, outside git,
 * of a folder with a ledger. `null`: its leases are those of `root`, as in a submodule. Both are absolute real paths.
 *
 * `named`: the store that is meant by its name, from any folder; it may keep one root for all who name it.
 *
 * @throws StoreError `unavailable` for a `.git` on the way that cannot be used.
 */
export function innerRoot(root: string, place: string, named?: string): string | null {
  const inner = nearestRoot(root, place)
  if (inner === null || named === undefined) return inner
  const there = whichLedger({ folder: inner, named, environment: {} }).root
  return there === root ? null : there
}

function nearestRoot(root: string, place: string): string | null {
  for (let folder = place; folder !== root && dirname(folder) !== folder; folder = dirname(folder)) {
    if (isThere(join(folder, '.git'))) {
      const top = locationOf(folder, {}).repository?.top ?? null
      return top === root ? null : top
    }
    if (isDatabase(ledgerIn(folder)) && repositoryAbove(folder) === null) return folder
  }
  return null
}
