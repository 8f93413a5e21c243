import { closeSync, fchmodSync, openSync, writeSync } from 'node:fs'

/** For its owner alone, whatever the umask; `init --shared` opens it. SQLite gives it to the files beside it. */
export const PRIVATE_FILE = 0o600

/** Writes a file where nothing is. */
export function writePrivateFile(path: string, text: string): void {
  const file = openSync(path, 'wx', PRIVATE_FILE)
  try {
    fchmodSync(file, PRIVATE_FILE)
    writeSync(file, text)
  } finally {
    closeSync(file)
  }
}
