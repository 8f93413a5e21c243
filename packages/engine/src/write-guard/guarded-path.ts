import { isAbsolute, relative, resolve, sep } from 'node:path'
import { followedPath } from './followed-path.ts'
import { HookInputError } from './hook-input-error.ts'

/** Where a path leads. One name can lead to several places: a link, what it points to, and what a tool takes it for. */
export interface GuardedPath {
  /** As it was given. */
  readonly given: string
  /** Relative to the root, with `/`; all of them must be writable. */
  readonly inside: readonly string[]
  /** Absolute places outside the root. */
  readonly outside: readonly string[]
}

/**
 * Maps a path to the root that regions are relative to. Symbolic links are followed as the file system follows them, as
 * far as anything exists; a link itself counts as well, for an editor may replace it. Where `..` stands behind a link,
 * the place counts too to which a tool comes that shortens `link/..` before it asks the file system. `root` is absolute
 * and real; `directory` is absolute and, like the path, not shortened.
 *
 * @throws HookInputError for what cannot be mapped: the root itself, a loop of links, what cannot be looked at.
 */
export function guardedPath(given: string, { root, directory }: { root: string; directory: string }): GuardedPath {
  if (given === '' || given.includes('\0') || !given.isWellFormed())
    throw new HookInputError(`path: ${JSON.stringify(given)} is no path`)
  const path = within(directory, given)
  const asIs = followedPath(path)
  const shortened = followedPath(resolve(path))
  const places = new Set([asIs.name, asIs.target, shortened.name, shortened.target])
  const inside: string[] = []
  const outside: string[] = []
  for (const place of places) {
    const below = relative(root, place)
    if (below === '') {
      throw new HookInputError(`path: ${JSON.stringify(given)} is the root itself; name files in it`)
    }
    if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) outside.push(place)
    else inside.push(sep === '/' ? below : below.split(sep).join('/'))
  }
  return { given, inside, outside }
}

/** `path` as it is meant in `directory`. Not shortened: only the file system knows where `..` leads behind a link. */
export function within(directory: string, path: string): string {
  return isAbsolute(path) ? path : `${directory}${sep}${path}`
}
