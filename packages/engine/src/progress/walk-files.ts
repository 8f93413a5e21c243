import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** A file below a root; `path` with `/`, relative to it. */
export interface WalkedFile {
  readonly path: string
  /** When its content, name or mode last changed, in ms since the epoch; `null` when it vanished meanwhile. */
  readonly changedAtMs: () => Promise<number | null>
}

/** Walks the files below `root`, entering the folders that `enters` (given their relative path) lets it. */
export type WalkFiles = (root: string, enters: (folder: string) => boolean) => AsyncIterable<WalkedFile>

/**
 * The walk of this machine. Links are files of their own and are not followed. A folder that vanishes is passed over;
 * the root that is not there, and any folder that cannot be read, rejects.
 */
export const walkFiles: WalkFiles = async function* walk(root, enters) {
  const waiting = ['']
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of await entriesOf(join(root, folder), folder === '')) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (!entry.isDirectory()) yield { path, changedAtMs: () => changedAt(join(root, path)) }
      else if (enters(path)) waiting.push(path)
    }
  }
}

async function entriesOf(folder: string, isRoot: boolean): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (!isRoot && isMissing(error)) return []
    throw error
  }
}

/** The change time: unlike the modification time, no copy or `touch` sets it back. */
async function changedAt(path: string): Promise<number | null> {
  try {
    return (await lstat(path)).ctimeMs
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
