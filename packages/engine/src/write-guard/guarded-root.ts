import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { InputError } from '../input-error.ts'
import { rootOf } from '../which-ledger/which-ledger.ts'

/**
 * The folder that regions are relative to: the one that is named, else the top of the work tree (of the superproject, in
 * a submodule), else the nearest folder upward that holds a ledger, else `folder` itself. Absolute, symbolic links resolved.
 *
 * @throws InputError when the named one is no folder.
 */
export function guardedRoot(named: string | undefined, folder: string): string {
  return named === undefined ? rootOf(folder) : namedRoot(resolve(folder, named))
}

function namedRoot(root: string): string {
  try {
    if (statSync(root).isDirectory()) return realpathSync(root)
  } catch {
    // Said below, for both.
  }
  throw new InputError([{ path: 'root', message: `${JSON.stringify(root)} is no folder` }])
}
