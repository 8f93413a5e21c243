import { randomUUID } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { link, lstat, open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { BeatFiles, FileReading } from './beat-files.ts'
import { makeFolder } from '../make-folder.ts'
import { whereItLeads } from '../where-it-leads.ts'

/**
 * A name beside `path` that no other writer uses, hidden from scans for heartbeat files: two writers that shared one
 * would put half of each other's text in place.
 */
export function besideName(path: string, purpose: 'tmp' | 'aside'): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID()}.${purpose}`)
}

/** The file system of this machine. */
export const systemFiles: BeatFiles = {
  async list(directory) {
    try {
      return { found: 'folder', names: await readdir(directory) }
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return { found: 'missing' }
      throw error
    }
  },

  async read(path, bytesMax) {
    let file: FileHandle
    try {
      // A pipe of that name must not block the reader until somebody writes to it.
      file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    } catch (error) {
      return hasCode(error, 'ENOENT') ? { found: 'missing' } : unusable(error)
    }
    try {
      return await readWhole(file, bytesMax)
    } catch (error) {
      return unusable(error)
    } finally {
      await file.close()
    }
  },

  async replace(path, text, { fsync }) {
    const place = await whereItLeads(path)
    const directory = dirname(place)
    const temporary = besideName(place, 'tmp')
    await refuseSpecial(place)
    await makeFolder(directory)
    try {
      await writeNew(temporary, text, fsync)
      await rename(temporary, place)
    } catch (error) {
      // What failed is told; a leftover that cannot be removed is swept by the scanner's cleanup.
      await unlink(temporary).catch(() => {})
      throw error
    }
    if (fsync) await syncFolder(directory)
  },

  async move(from, to) {
    return missingIsFalse(rename(from, to))
  },

  async giveBack(from, to) {
    try {
      await link(from, to)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return
      if (!hasCode(error, 'EEXIST')) {
        // A file system without hard links: the name was free a moment ago.
        await missingIsFalse(rename(from, to))
        return
      }
    }
    await missingIsFalse(unlink(from))
  },

  async remove(path) {
    return missingIsFalse(unlink(path))
  },
}

async function readWhole(file: FileHandle, bytesMax: number): Promise<FileReading> {
  const before = await file.stat()
  if (!before.isFile()) return { found: 'unusable', detail: 'it is no plain file' }
  const buffer = Buffer.alloc(Math.min(before.size, bytesMax) + 1)
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  if (length > bytesMax) return { found: 'unusable', detail: `it is larger than ${bytesMax} bytes` }
  return { found: 'file', text: buffer.toString('utf8', 0, length), modifiedAtMs: Math.floor(before.mtimeMs) }
}

/** A rename would put a plain file in the place of a pipe or a device, `/dev/null` included. */
async function refuseSpecial(path: string): Promise<void> {
  let there: Stats
  try {
    there = await lstat(path)
  } catch {
    return // Nothing is there, or nothing can be: writing says why.
  }
  if (there.isFile() || there.isDirectory() || there.isSymbolicLink()) return
  throw new Error('a pipe or a device is there; name another file')
}

async function writeNew(path: string, text: string, fsync: boolean): Promise<void> {
  const file = await open(path, 'wx', 0o644)
  try {
    await file.writeFile(text)
    if (fsync) await file.sync()
  } finally {
    await file.close()
  }
}

/** A rename is durable once its folder is. */
async function syncFolder(directory: string): Promise<void> {
  const folder = await open(directory, constants.O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function missingIsFalse(done: Promise<void>): Promise<boolean> {
  try {
    await done
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

function unusable(error: unknown): FileReading {
  return { found: 'unusable', detail: error instanceof Error ? error.message : String(error) }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
