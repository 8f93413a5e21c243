import { lstatSync, readlinkSync } from 'node:fs'
import { dirname, isAbsolute, join, parse, sep } from 'node:path'
import { HookInputError } from './hook-input-error.ts'

/** Symbolic links that are followed on the way of one path, as the system's own limit. */
const LINKS_MAX = 40

const SEPARATORS = sep === '/' ? '/' : /[\\/]/

/** Where a path leads: `target` with all links followed, `name` with all but the last one, which is what an editor replaces. */
export interface FollowedPath {
  readonly name: string
  readonly target: string
}

/**
 * Follows a path as the file system does, part by part: a link is followed before a `..` behind it leaves the folder that
 * it leads to. `path` is absolute and not normalised, for that would take `link/..` for the folder in which the link lies.
 * What does not exist is taken by its name; so is what stands behind a file, where nothing can be.
 *
 * @throws HookInputError for a loop of links and for what cannot be looked at.
 */
export function followedPath(path: string): FollowedPath {
  const parts = partsOf(path)
  let place = parse(path).root
  let name = place
  let links = 0
  // Parts that the given path itself has, unlike those of a link's target; behind the last one nothing is left to name.
  let own = parts.length
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const isOwn = parts.length < own
    if (isOwn) own = parts.length
    place = part === '..' ? dirname(place) : join(place, part)
    if (isOwn) name = place
    const target = part === '..' ? null : linkTarget(place, path)
    if (target === null) continue
    links += 1
    if (links > LINKS_MAX)
      throw new HookInputError(`path: ${JSON.stringify(path)} leads through a loop of links (ELOOP)`)
    place = isAbsolute(target) ? parse(target).root : dirname(place)
    parts.push(...partsOf(target))
  }
  return { name, target: place }
}

/** The parts of a path that lead somewhere, the last one first. */
function partsOf(path: string): string[] {
  const relative = path.slice(parse(path).root.length)
  return relative
    .split(SEPARATORS)
    .filter(part => part !== '' && part !== '.')
    .reverse()
}

function linkTarget(place: string, path: string): string | null {
  try {
    return lstatSync(place).isSymbolicLink() ? readlinkSync(place) : null
  } catch (error) {
    if (isMissing(error)) return null
    const why = error instanceof Error ? error.message : String(error)
    throw new HookInputError(`path: ${JSON.stringify(path)} cannot be followed: ${why}`, { cause: error })
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
