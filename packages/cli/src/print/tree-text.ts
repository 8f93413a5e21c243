import { inDifferentTrees, treeName, type WorkTree } from '@holdfast/core'
import { plain } from './plain.ts'

/** Id of the work tree that a repository begins with. */
const MAIN = 'main'

/** A work tree in a sentence. */
export function treeText(workTree: WorkTree): string {
  return `tree ${plain(treeName(workTree))} (${plain(workTree.path)})`
}

/**
 * The tree where it is worth a word: a linked one, and one that the asker is not in. Most people work in the main tree, and
 * an unknown one says nothing.
 */
export function notableTree(workTree: WorkTree | null, asker: WorkTree | null): WorkTree | null {
  const isPlain = workTree?.id === MAIN && !inDifferentTrees(workTree, asker)
  return isPlain ? null : workTree
}
