import { isRegionPath } from './path-shape.ts'

const SPECIAL = /[*?[\]{}+]/g
/** Signs that no glob has to escape, but for which a glob of one segment has meanings of its own (see `readOneSegment`). */
const ODD = /[$^(),|"]/

/**
 * Why no glob covers exactly this path and what is below it; `null` when one does. A backslash means `/` in every glob,
 * so a name that holds one, which only POSIX systems have, cannot be told.
 */
export const pathFault = (path: string): string | null => {
  if (path.includes('\u0000')) return 'NUL cannot stand in a path'
  if (path.includes('\\')) return 'a name with a backslash cannot be told by a glob, where a backslash means `/`'
  if (!isRegionPath(path)) return 'a path has no empty, `.` or `..` segment and does not end in a slash'
  return null
}

/**
 * A glob that takes a path literally: it covers the path and everything below it, and nothing else. A path without glob
 * characters is its own glob. Nothing in it is taken for an exclusion (`!`), a drive letter or a blank.
 * @throws RangeError for a path that `pathFault` has something to say about.
 */
export const escapeGlob = (path: string): string => {
  const fault = pathFault(path)
  if (fault !== null) throw new RangeError(`${JSON.stringify(path)}: ${fault}`)
  // `[!]` and `[:]` would mean something else: a choice between equals is the sign itself.
  const escaped = path.replace(SPECIAL, '[$&]').replace(/^!|^[A-Za-z](?=:)/, '{$&,$&}')
  return escaped === path && !ODD.test(path) && path.trim() !== '' ? path : `${escaped}/**`
}
