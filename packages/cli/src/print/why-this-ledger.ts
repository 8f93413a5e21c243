import type { Why } from '@holdfast/engine/which-ledger'

/** Why a ledger is the one that is meant, in a few words. */
export const WHY: Readonly<Record<Why, string>> = {
  option: 'named by --store',
  variable: 'named by HOLDFAST_STORE',
  'work-tree': 'the nearest .holdfast upward in this work tree',
  'main-tree': '.holdfast at the top of the main work tree',
  'git-directory': 'in the git directory, for all work trees of this repository',
  folder: 'in this folder or upward, outside git',
}
