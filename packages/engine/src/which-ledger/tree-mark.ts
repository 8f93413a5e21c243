import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { putSmallFile, readSmallFile } from '@holdfast/store/internal'

/** Stands in a linked work tree's git directory, and goes away with it: git takes the name again for another tree. */
const FILE = 'holdfast-tree'

const MARK = /^[0-9a-f]{32}\n$/

/** The length of a mark and its line end. */
const MARK_BYTES = 33

/** Others of a shared repository have to read it, whatever the umask of whoever made it; it is no secret. */
const MODE = 0o644

/** What tells a work tree from all that had the same git directory before; `null`: it has none, or none can be read. */
export function treeMark(gitDir: string): string | null {
  try {
    const text = readSmallFile(join(gitDir, FILE), MARK_BYTES)
    return MARK.test(text) ? text.trimEnd() : null
  } catch {
    return null
  }
}

/**
 * The mark of a work tree, made where there is none: whole, durable and once, whoever else makes one at the same time.
 * `null`: it cannot be made, as in a git directory that is read-only.
 */
export function madeTreeMark(gitDir: string): string | null {
  const found = treeMark(gitDir)
  if (found !== null) return found
  try {
    // A lease that outlives a power failure must not name a mark that does not.
    putSmallFile(join(gitDir, FILE), `${randomUUID().replaceAll('-', '')}\n`, { mode: MODE })
  } catch {
    // Somebody else was faster, or nobody can: the next line tells.
  }
  return treeMark(gitDir)
}
