import { lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { HookInputError } from './hook-input-error.ts'

/** Symbolic links that are followed one after the other, as the system's own limit. */
const LINKS_MAX = 40

/** Where a path leads. One name can lead to two places: the link and what it points to. */
export interface GuardedPath {
  /** As it was given. */
  readonly given: string
  /** Relative to the root, with `/`; all of them must be writable. */
  readonly inside: readonly string[]
  /** Absolute places outside the root. */
  readonly outside: readonly string[]
}

/**
 * Maps a path to the root that regions are relative to. Symbolic links are resolved as far as anything exists; a link
 * itself counts as well, for an editor may replace it.
 *
 * @throws HookInputError for what cannot be mapped: the root itself, a loop of links.
 */
export function guardedPath(given: string, { root, directory }: { root: string; directory: string }): GuardedPath {
  if (given === '' || given.includes('\0')) throw new HookInputError(`path: ${JSON.stringify(given)} is no path`)
  const lexical = resolve(directory, given)
  const link = join(followed(dirname(lexical), 0), basename(lexical))
  const places = [...new Set([link, followed(lexical, 0)])]
  const inside: string[] = []
  const outside: string[] = []
  for (const place of places) {
    const within = relative(root, place)
    if (within === '') {
      throw new HookInputError(`path: ${JSON.stringify(given)} is the root itself; name files in it`)
    }
    if (within === '..' || within.startsWith(`..${sep}`) || isAbsolute(within)) outside.push(place)
    else inside.push(sep === '/' ? within : within.split(sep).join('/'))
  }
  return { given, inside, outside }
}

/** The real place of `path`; what does not exist yet is appended to the real place of what does. */
function followed(path: string, links: number): string {
  if (links > LINKS_MAX) throw new HookInputError(`path: ${JSON.stringify(path)} leads through a loop of links`)
  try {
    return realpathSync(path)
  } catch (error) {
    if (!isMissing(error)) throw new HookInputError(`path: ${messageOf(error)}`, { cause: error })
  }
  const target = linkTarget(path)
  // A link to nothing yet: writing through it makes the file there.
  if (target !== null) return followed(resolve(dirname(path), target), links + 1)
  const parent = dirname(path)
  return parent === path ? path : join(followed(parent, links), basename(path))
}

function linkTarget(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null
  } catch (error) {
    if (isMissing(error)) return null
    throw new HookInputError(`path: ${messageOf(error)}`, { cause: error })
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
