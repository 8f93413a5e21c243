import type { ProcessIdentity, WorkTree } from '@holdfast/core'
import { inDifferentTrees, treeName } from '@holdfast/core/internal'
import type { Why } from '@holdfast/engine/which-ledger'
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

/** A process for people: `pid 4711 on build-3`. */
export function processText(process: ProcessIdentity | null): string {
  return process === null ? 'no process' : `pid ${process.pid} on ${process.host}`
}

/** Why a ledger is the one that is meant, in a few words. */
export const WHY: Readonly<Record<Why, string>> = {
  option: 'named by --store',
  variable: 'named by HOLDFAST_STORE',
  'work-tree': 'the nearest .holdfast upward in this work tree',
  'main-tree': '.holdfast at the top of the main work tree',
  'git-directory': 'in the git directory, for all work trees of this repository',
  folder: 'in this folder or upward, outside git',
}
