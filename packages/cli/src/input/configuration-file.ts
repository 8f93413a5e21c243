import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UsageError } from '../failure/usage-error.ts'

const FILE_NAME = 'holdfast.config.json'

/** The file of the local configuration: the one that is named, else the nearest one upward, else none. */
export function configurationFile(named: string | undefined, folder: string): string | null {
  return named ?? nearest(folder)
}

/** Throws a `UsageError` for a file that is named and not there, whether the command reads it or not. */
export function demandConfigurationFile(named: string | undefined): void {
  if (named === undefined || named === '-') return
  const why = missing(named)
  if (why === null) return
  throw new UsageError(`config: ${JSON.stringify(named)} ${why}; name a configuration file, or leave --config out.`)
}

function missing(file: string): string | null {
  try {
    const found = statSync(file)
    if (found.isDirectory()) return 'is a folder'
    // What is read again by who goes on, or by a command that does not read it now, can be no stream.
    return found.isFile() || file === '/dev/stdin' ? null : 'is a pipe or a device, and no file'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'is not there' : `cannot be looked at (${String(code)})`
  }
}

function nearest(folder: string): string | null {
  const file = join(folder, FILE_NAME)
  if (existsSync(file)) return file
  const parent = dirname(folder)
  return parent === folder ? null : nearest(parent)
}
