import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { InputError } from '../input-error.ts'

/**
 * The folder that regions are relative to: the one that is named, else the top of the git work tree, else the nearest
 * folder upward that holds `.holdfast`, else `folder` itself. Absolute, symbolic links resolved.
 *
 * @throws InputError when the named one is no folder.
 */
export function guardedRoot(named: string | undefined, folder: string): string {
  if (named !== undefined) return namedRoot(resolve(folder, named))
  // A file `.git` marks a linked work tree or a submodule: each is a work tree of its own.
  return realpathSync(upward(folder, '.git') ?? upward(folder, '.holdfast') ?? folder)
}

function namedRoot(root: string): string {
  try {
    if (statSync(root).isDirectory()) return realpathSync(root)
  } catch {
    // Said below, for both.
  }
  throw new InputError([{ path: 'root', message: `${JSON.stringify(root)} is no folder` }])
}

function upward(folder: string, name: string): string | null {
  if (existsSync(join(folder, name))) return folder
  const parent = dirname(folder)
  return parent === folder ? null : upward(parent, name)
}
