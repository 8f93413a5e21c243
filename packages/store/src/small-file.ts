import { randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** More than any file has that names a place. */
const BYTES_MAX = 64 * 1024

/**
 * The text of a small file. It never waits: a pipe or a device in its place is refused.
 *
 * @throws Error with the system's code, or with `EINVAL` for what is no file, or is larger than `bytesMax`.
 */
export function readSmallFile(path: string, bytesMax = BYTES_MAX): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const found = fstatSync(file)
    if (!found.isFile() || found.size > bytesMax) {
      const what = found.isFile() ? 'it is too large' : 'it is no file'
      throw Object.assign(new Error(`EINVAL: ${what}, read '${path}'`), { code: 'EINVAL' })
    }
    const bytes = Buffer.alloc(found.size)
    return bytes.toString('utf8', 0, readSync(file, bytes))
  } finally {
    closeSync(file)
  }
}

/**
 * Puts a small file in its place whole and durable, with exactly this mode whatever the umask. False where one is there,
 * which stays, unless `replace`; a link in its place is never followed.
 *
 * @throws Error with the system's code where it cannot be written; nothing has changed then.
 */
export function putSmallFile(
  path: string,
  text: string,
  { mode, replace = false }: { readonly mode: number; readonly replace?: boolean },
): boolean {
  const draft = `${path}.${randomUUID()}.new`
  try {
    sealed(openSync(draft, 'wx', mode), file => {
      fchmodSync(file, mode)
      writeSync(file, text)
    })
    if (replace) renameSync(draft, path)
    // Unlike a rename, a link never takes the place of what somebody else has put there.
    else linkSync(draft, path)
  } catch (error) {
    if (!replace && error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
  sealed(openSync(dirname(path), 'r'), () => undefined)
  return true
}

function sealed(file: number, work: (file: number) => void): void {
  try {
    work(file)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
