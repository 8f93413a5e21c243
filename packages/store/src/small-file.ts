import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

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
