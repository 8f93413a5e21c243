import * as z from 'zod'

/** Longest id of a work tree: room for the longest file name after `worktrees/`. */
export const WORK_TREE_ID_LENGTH_MAX = 512

/** Longest path of a work tree that is recorded. */
export const WORK_TREE_PATH_LENGTH_MAX = 4096

/**
 * The work tree in which a request was made.
 *
 * - `id`: `main`, or the tree's git directory relative to the common one and a random mark of that very tree, `/` between
 *   them: `worktrees/foo/5f…`. It stays the same when the tree is moved or mounted elsewhere, and a tree that git makes
 *   later under the same name has another one. It alone decides. One without a mark, as older programs wrote it, counts as
 *   each tree of that name.
 * - `path`: where the tree was then. For people only.
 *
 * Where no tree is recorded (`null`, or absent) it is unknown, and what is unknown counts as every tree. Clones that share
 * a named ledger are all `main`, so they count as one tree: that refuses more, and grants nothing too much.
 */
export const WorkTree = z.looseObject({
  id: z.string().min(1).max(WORK_TREE_ID_LENGTH_MAX),
  path: z.string().max(WORK_TREE_PATH_LENGTH_MAX),
})
export type WorkTree = z.infer<typeof WorkTree>

/** As far as a tree decides; `null` and absent: unknown. */
export type TreeOf = Pick<WorkTree, 'id'> | null | undefined

/** Whether both trees are known, and two. Everything else may be one tree. */
export function inDifferentTrees(a: TreeOf, b: TreeOf): boolean {
  return isKnown(a) && isKnown(b) && !sameId(a.id, b.id) && !isNameOf(a.id, b.id) && !isNameOf(b.id, a.id)
}

/** The tree's name as git has it, without the mark that tells it from its forerunners: for people. */
export function treeName({ id }: Pick<WorkTree, 'id'>): string {
  return MARKED.exec(id)?.[1] ?? id
}

/** Whether what was recorded of `held` holds in the tree `asked` for certain: an unknown tree counts as every tree. */
export function holdsInTree(held: TreeOf, asked: TreeOf): boolean {
  return !isKnown(held) || (isKnown(asked) && sameId(held.id, asked.id))
}

/** Equal for ids of one tree. */
export function treeKey({ id }: Pick<WorkTree, 'id'>): string {
  // On a file system that ignores case, or the form of accents, one tree can be named in two ways: those are one tree
  // everywhere. Two trees that differ in nothing else count as one, which refuses more.
  return id.normalize('NFD').toUpperCase().normalize('NFC')
}

const MARKED = /^(worktrees\/[^/]+)\/[0-9a-f]{32}$/

/** Whether `name` is a name without a mark, and `id` a tree of that name. */
function isNameOf(name: string, id: string): boolean {
  return MARKED.test(id) && treeKey({ id: treeName({ id }) }) === treeKey({ id: name })
}

function isKnown(tree: TreeOf): tree is Pick<WorkTree, 'id'> {
  return tree !== null && tree !== undefined
}

function sameId(a: string, b: string): boolean {
  return a === b || treeKey({ id: a }) === treeKey({ id: b })
}
