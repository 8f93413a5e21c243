import { writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { asStoreError } from './sqlite-error.ts'

/** The folder that holds nothing but a ledger, by its name. */
const OWN_FOLDER = '.holdfast'

/**
 * Keeps a ledger out of commits: a folder of its own gets a `.gitignore` of `*`, before anything else is in it, so that
 * `git add -A` never sees a file of it. One that is there stays as it is.
 */
export function ignoreInGit(databasePath: string): void {
  const folder = dirname(databasePath)
  if (basename(folder) !== OWN_FOLDER) return
  try {
    writeFileSync(join(folder, '.gitignore'), '*\n', { flag: 'wx' })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return
    throw asStoreError(error, databasePath)
  }
}
