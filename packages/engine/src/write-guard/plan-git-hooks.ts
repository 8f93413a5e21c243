import { join } from 'node:path'
import { isWithin } from '../which-ledger/within.ts'
import { locationAtLeast } from '../which-ledger/work-tree.ts'
import { GIT_HOOKS } from './git-hook-names.ts'
import { hookPlaces, type HookPlace } from './hook-places.ts'
import { hooksOf, planGitHook } from './plan-git-hook.ts'
import type { PlannedChange } from './planned-change.ts'

/** The hook that every installation has. */
const [MAIN] = GIT_HOOKS

/**
 * Plans the guard's part of the hooks of a work tree (`GIT_HOOKS`), of each submodule in it, and of those in the other work
 * trees: a submodule's commits run its own hooks, and its files belong to the superproject's regions. A hook that is a file
 * of another work tree is left as it is, for that is somebody else's checkout.
 *
 * @throws InputError as `planGitHook`, and where there is no repository, or no git.
 */
export async function planGitHooks(
  root: string,
  options: { readonly command: string; readonly remove: boolean },
): Promise<readonly PlannedChange[]> {
  const { places, missing } = hookPlaces(root)
  const absent = missing.map(path => `the submodule ${path} is not checked out; run this again when it is`)
  const plans: PlannedChange[] = []
  for (const place of places) {
    const hooks = await hooksOf(place.folder)
    for (const hook of GIT_HOOKS) {
      const file = join(hooks.folder, hook.name)
      // Work trees share their hooks, and a `core.hooksPath` of the whole machine is one file for all.
      if (plans.some(plan => plan.file === file) || isOfOtherTree(file, place, root)) continue
      const plan = planGitHook(hooks, hook, options)
      const isMain = hook.name === MAIN.name
      // An older installation stands in this one alone.
      if (!isMain && options.remove && plan.before === plan.after) continue
      const own = isMain && place.folder === root && !options.remove ? absent : []
      const of = place.submodule === null ? [] : [`in the submodule ${place.submodule}${inTree(place, root)}`]
      const besides = isMain ? {} : { besides: join(hooks.folder, MAIN.name) }
      plans.push({ ...plan, ...besides, notes: [...of, ...plan.notes, ...own] })
    }
  }
  return plans
}

/** Whether a hook is a file that somebody has checked out in another work tree. */
export function isOfOtherTree(file: string, { tree }: HookPlace, root: string): boolean {
  const { repository } = locationAtLeast(root, {})
  return tree !== root && isWithin(file, tree) && !(repository !== null && isWithin(file, repository.commonDir))
}

function inTree({ tree }: HookPlace, root: string): string {
  return tree === root ? '' : ` of the work tree ${tree}`
}
