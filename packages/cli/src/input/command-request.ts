import { statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { guardedPath, type GuardedPath } from '@holdfast/engine/write-guard'
import { isPlainReading } from '../shell-writes/readers.ts'
import type { Unresolved } from '../shell-writes/writes.ts'

/** What a shell's command would write, as the guard asks for it. */
export interface CommandRequest {
  readonly paths: readonly GuardedPath[]
  /** Folders below the root that are written with all that is in them, relative to it; `''` is the root itself. */
  readonly trees: readonly string[]
  /** Of `paths` those, as given, whose text is written as an edit does: a session may lease them for it. */
  readonly edited: ReadonlySet<string>
  /** What nobody can tell before it runs: no reason to refuse. */
  readonly unresolved: readonly Unresolved[]
}

/**
 * Writers of a file's text. What others do to many files at once (a branch is changed, packages are installed, folders are
 * made) is judged, and is no work on those files.
 */
const EDITS: ReadonlySet<string> = new Set(
  '> >> >| &> &>> >& tee sponge sed perl ruby cp mv install patch dd truncate touch'.split(' '),
)

/** What cannot be looked at is judged, and leased by nobody. */
function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  } catch {
    return true
  }
}

/** The parser is loaded only for a command that is more than a plain question; `null`: it is one, and writes nothing. */
export async function commandRequest(
  command: string,
  { root, directory }: { readonly root: string; readonly directory: string },
): Promise<CommandRequest | null> {
  if (isPlainReading(command)) return null
  const { writesOf } = await import('../shell-writes/writes-of.ts')
  const { targets, unresolved } = writesOf(command, directory, process.env)
  const paths = new Map<string, GuardedPath>()
  const trees = new Set<string>()
  const edited = new Set<string>()
  for (const { path, extent, by } of targets) {
    const below = relative(root, resolve(path))
    const isOutside = below === '..' || below.startsWith(`..${sep}`)
    if (extent === 'tree' && !isOutside) trees.add(below.split(sep).join('/'))
    // The root is no file, and no lease speaks of it: what is in it is judged.
    if (below === '') continue
    paths.set(path, guardedPath(path, { root, directory }))
    if (extent === 'file' && EDITS.has(by) && !isFolder(path)) edited.add(path)
  }
  return { paths: [...paths.values()], trees: [...trees], edited, unresolved }
}
