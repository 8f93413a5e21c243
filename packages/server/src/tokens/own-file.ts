import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

const BYTES_MAX = 64 * 1024

/** Nothing can be said of a file: it is not known that there is none. */
export const UNREADABLE: unique symbol = Symbol('unreadable')

/** What says that there is no file of that name, or a link in its place. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ELOOP', 'EMLINK'])

/**
 * A file of this user's that nobody else may read or write; links are not followed, and it never waits. `null`: there is
 * none of that kind.
 */
export function readOwnFile(path: string): string | null | typeof UNREADABLE {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    return ABSENT.has(code) ? null : UNREADABLE
  }
  try {
    const found = fstatSync(file)
    const isOwn = found.uid === process.geteuid?.() && (found.mode & 0o077) === 0
    if (!found.isFile() || !isOwn || found.size > BYTES_MAX) return null
    const bytes = Buffer.alloc(found.size)
    return bytes.toString('utf8', 0, readSync(file, bytes))
  } catch {
    return UNREADABLE
  } finally {
    closeSync(file)
  }
}
