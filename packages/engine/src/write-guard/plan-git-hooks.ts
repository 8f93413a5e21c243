import { realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { isThere } from '../which-ledger/repository.ts'
import { submodulePaths } from '../which-ledger/superproject.ts'
import { planGitHook } from './plan-git-hook.ts'
import type { PlannedChange } from './planned-change.ts'

/** Submodules that get the guard, nested ones included. */
const SUBMODULES_MAX = 1000

/**
 * Plans the guard's part of the pre-commit hook of a work tree and of each submodule in it: a submodule's commits run its
 * own hooks, and its files belong to the superproject's regions.
 *
 * @throws InputError as `planGitHook`.
 */
export async function planGitHooks(
  root: string,
  options: { readonly command: string; readonly remove: boolean },
): Promise<readonly PlannedChange[]> {
  const { checkedOut, missing } = submodulesIn(root)
  const absent = missing.map(path => `the submodule ${path} is not checked out; run this again when it is`)
  const own = await planGitHook(root, options)
  const plans = [{ ...own, notes: [...own.notes, ...(options.remove ? [] : absent)] }]
  for (const path of checkedOut) {
    const plan = await planGitHook(join(root, path), options)
    // A `core.hooksPath` of the whole machine is one file for all of them.
    if (plans.every(({ file }) => file !== plan.file)) {
      plans.push({ ...plan, notes: [`in the submodule ${path}`, ...plan.notes] })
    }
  }
  return plans
}

interface Submodules {
  readonly checkedOut: readonly string[]
  readonly missing: readonly string[]
}

function submodulesIn(root: string): Submodules {
  const checkedOut: string[] = []
  const missing: string[] = []
  const toLookInto = ['']
  for (
    let above = toLookInto.pop();
    above !== undefined && checkedOut.length < SUBMODULES_MAX;
    above = toLookInto.pop()
  ) {
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
  return realpathSync(join(root, path)).startsWith(realpathSync(root) + sep)
}
