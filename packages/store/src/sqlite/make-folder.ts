import { chmodSync, mkdirSync, rmdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { asStoreError } from './sqlite-error.ts'

/** For its owner alone, whatever the umask; `init --shared` opens it. */
export const PRIVATE_FOLDER = 0o700

/** Makes the folder that a database is to lie in, and gives what it has made. Throws `unavailable` where that cannot be. */
export function makeFolderOf(databasePath: string): readonly string[] {
  try {
    return makeFolder(dirname(databasePath))
  } catch (error) {
    throw asStoreError(error, databasePath)
  }
}

/**
 * Makes a folder and those above it, and gives those that it has made, the uppermost first. Step by step from the first
 * that exists: Node's recursive form never ends on file systems where a folder cannot be made although nothing is there,
 * such as /proc.
 */
export function makeFolder(path: string): readonly string[] {
  if (isFolder(path)) return []
  const parent = dirname(path)
  const above = parent === path ? [] : makeFolder(parent)
  try {
    mkdirSync(path, PRIVATE_FOLDER)
    // A umask can take even from the owner.
    chmodSync(path, PRIVATE_FOLDER)
    return [...above, path]
  } catch (error) {
    // Somebody else was first.
    if (isFolder(path)) return above
    removeFolders(above)
    throw error
  }
}

/** Takes folders away again that `makeFolder` has made, as far as nobody has put anything into them. */
export function removeFolders(made: readonly string[]): void {
  try {
    for (const path of made.toReversed()) rmdirSync(path)
  } catch {
    // Somebody else uses it now.
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
