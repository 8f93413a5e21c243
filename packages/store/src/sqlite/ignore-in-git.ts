import { existsSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { readSmallFile } from '../small-file.ts'
import { writePrivateFile } from './private-file.ts'
import { asStoreError } from './sqlite-error.ts'

/** The folder that holds nothing but a ledger, by its name. */
const OWN_FOLDER = '.holdfast'

const IGNORES = '.gitignore'
const ALL = '*'

/**
 * Keeps a ledger out of commits: a folder of its own, by its name or because it was `made` for it in a work tree, gets a
 * `.gitignore` of `*` before anything else is in it, so that `git add -A` never sees a file of it. One that is there stays.
 */
export function ignoreInGit(databasePath: string, { made }: { readonly made: boolean }): void {
  const folder = dirname(databasePath)
  if (basename(folder) !== OWN_FOLDER && !(made && isInWorkTree(folder))) return
  try {
    writePrivateFile(join(folder, IGNORES), `${ALL}\n`)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return
    throw asStoreError(error, databasePath)
  }
}

/** Whether `git add -A` would put a store into the next commit. What other files of git's say is not looked at. */
export function isSeenByGit(databasePath: string): boolean {
  const folder = dirname(databasePath)
  return isInWorkTree(folder) && !ignoresAll(join(folder, IGNORES))
}

/** In a git directory nothing is committed. */
function isInWorkTree(folder: string): boolean {
  if (folder.split(sep).includes('.git')) return false
  const parent = dirname(folder)
  return existsSync(join(folder, '.git')) || (parent !== folder && isInWorkTree(parent))
}

function ignoresAll(file: string): boolean {
  try {
    return readSmallFile(file).split('\n').includes(ALL)
  } catch {
    return false
  }
}
