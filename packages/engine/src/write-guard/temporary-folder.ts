import { lstatSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'

/** What marks a folder whose files somebody may lease. */
const MARKS = ['.git', '.holdfast']

/**
 * Whether a place (absolute, links resolved) lies in the system's temporary folder, in no work tree there and in no
 * folder with a ledger: nobody leases such files, and agents keep their scratch files there.
 */
export function isTemporary(place: string): boolean {
  const folder = temporaryFolder()
  if (folder === null || !place.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return false
  return !isMarked(dirname(place), folder)
}

function temporaryFolder(): string | null {
  try {
    return realpathSync(tmpdir())
  } catch {
    return null
  }
}

function isMarked(folder: string, top: string): boolean {
  if (MARKS.some(mark => isThere(join(folder, mark)))) return true
  const parent = dirname(folder)
  return folder !== top && parent !== folder && isMarked(parent, top)
}

/** A mark that cannot be looked at counts: doubt makes nothing temporary. */
function isThere(mark: string): boolean {
  try {
    return lstatSync(mark, { throwIfNoEntry: false }) !== undefined
  } catch {
    return true
  }
}
