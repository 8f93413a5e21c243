import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { topsOfOtherTrees } from '../which-ledger/other-trees.ts'
import { isThere } from '../which-ledger/repository.ts'
import { submodulePaths } from '../which-ledger/superproject.ts'
import { pathWithin } from '../which-ledger/within.ts'

/** Places that are looked at, submodules of submodules included. */
const PLACES_MAX = 1000

/** A folder in which commits are made that the guard should see. */
export interface HookPlace {
  readonly folder: string
  /** The work tree that it belongs to. */
  readonly tree: string
  /** Relative to the tree; `null`: the tree itself. */
  readonly submodule: string | null
}

export interface HookPlaces {
  readonly places: readonly HookPlace[]
  /** Submodules of `root` that are not checked out. */
  readonly missing: readonly string[]
}

/**
 * Where commits are made in the repository of `root`: in each of its work trees, `root` first, and in the submodules that
 * are checked out there. A submodule has a git directory, and hooks, for each work tree.
 */
export function hookPlaces(root: string): HookPlaces {
  const own = submodulesIn(root)
  const others = topsOfOtherTrees(root)
  const places = [root, ...others].flatMap(tree => [
    { folder: tree, tree, submodule: null },
    ...(tree === root ? own : submodulesIn(tree)).checkedOut.map(path => ({
      folder: join(tree, path),
      tree,
      submodule: path,
    })),
  ])
  return { places: places.slice(0, PLACES_MAX), missing: own.missing }
}

interface Submodules {
  readonly checkedOut: readonly string[]
  readonly missing: readonly string[]
}

function submodulesIn(root: string): Submodules {
  const checkedOut: string[] = []
  const missing: string[] = []
  const toLookInto = ['']
  for (let above = toLookInto.pop(); above !== undefined && checkedOut.length < PLACES_MAX; above = toLookInto.pop()) {
    for (const path of submodulePaths(join(root, above)).map(each => join(above, each))) {
      if (!isThere(join(root, path, '.git'))) missing.push(path)
      else if (liesIn(root, path)) {
        checkedOut.push(path)
        toLookInto.push(path)
      }
    }
  }
  return { checkedOut, missing }
}

/** `.gitmodules` comes with the repository: what it says must not lead elsewhere. */
function liesIn(root: string, path: string): boolean {
  const within = pathWithin(realpathSync(root), realpathSync(join(root, path)))
  return within !== null && within !== ''
}
