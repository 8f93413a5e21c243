import { statSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { StoreError } from '@holdfast/store'
import { putSmallFile, readSmallFile, sqliteUrl } from '@holdfast/store/internal'
import { isMissing } from './file-errors.ts'
import { isWithin } from './within.ts'

/**
 * What the regions of a ledger in a file are relative to, written down beside it when it is made. All paths are absolute.
 * `each`: the top of whichever work tree a caller is in, as for clones that share a ledger.
 */
export type RecordedRoot =
  | 'each'
  | {
      readonly root: string
      /** The common git directory of the repository that `root` was in; `null`: in none. */
      readonly repository: string | null
    }

/** Beside the database: it tells of the place, so it stays there when a backup is put back, and no copy takes it along. */
const SUFFIX = '.root'
const EACH = 'each'
const PRIVATE_FILE = 0o600

/**
 * The root that was recorded for the database at a path; `null`: none, as for ledgers older than that.
 *
 * @throws StoreError `unavailable` for a record that cannot be read: a guessed root would give regions another meaning.
 */
export function recordedRoot(path: string): RecordedRoot | null {
  const database = databaseAt(path)
  const file = database + SUFFIX
  let text: string
  try {
    text = readSmallFile(file)
  } catch (error) {
    // Where the store's folder is closed, opening the store says so, and whose it is.
    if (isMissing(error) || isOutOfReach(database)) return null
    throw unusable(file, error)
  }
  const record = parsed(text)
  if (record === null) throw unusable(file)
  if (record === EACH) return EACH
  const from = dirname(database)
  const { root, repository } = record
  return { root: resolve(from, root), repository: repository === null ? null : resolve(from, repository) }
}

/**
 * Writes a root down for the database at a path, whose folder is there. One that is recorded already stays, unless `replace`.
 * A root around the database is recorded relative to it, so both may move, or be mounted elsewhere, together.
 */
export function recordRoot(
  path: string,
  recorded: RecordedRoot,
  { replace = false }: { replace?: boolean } = {},
): void {
  const database = databaseAt(path)
  const file = database + SUFFIX
  try {
    putSmallFile(file, `${JSON.stringify(recordFor(dirname(database), recorded))}\n`, { mode: PRIVATE_FILE, replace })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `What the regions of ${path} are relative to could not be written down: ${why}.`
    throw new StoreError('unavailable', message, { cause: error })
  }
}

/** The file that a path means, whichever link leads there. */
export function databaseAt(path: string): string {
  return sqliteUrl(path).slice('sqlite:'.length)
}

function isOutOfReach(path: string): boolean {
  try {
    statSync(path)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES'
  }
}

interface Record {
  readonly root: string
  readonly repository: string | null
}

function recordFor(folder: string, recorded: RecordedRoot): Record | { readonly root: typeof EACH; repository: null } {
  if (recorded === EACH) return { root: EACH, repository: null }
  const { root, repository } = recorded
  if (!isWithin(folder, root)) return { root, repository }
  const near = relative(folder, root) || '.'
  return { root: near, repository: repository === null ? null : fromAround(folder, { root, repository }) }
}

/** A git directory within the root goes along with it. */
function fromAround(folder: string, { root, repository }: { root: string; repository: string }): string {
  return isWithin(repository, root) ? relative(folder, repository) : repository
}

/** `each` stands alone: a recorded path is absolute, or begins with a dot. */
function parsed(text: string): Record | typeof EACH | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || !('root' in value) || !('repository' in value)) return null
  const { root, repository } = value
  if (root === EACH) return EACH
  if (typeof root !== 'string' || !(isAbsolute(root) || root.startsWith('.'))) return null
  return repository === null || typeof repository === 'string' ? { root, repository } : null
}

function unusable(file: string, cause?: unknown): StoreError {
  if (cause instanceof Error && 'code' in cause && (cause.code === 'EMFILE' || cause.code === 'ENFILE')) {
    const message = `${file} cannot be read: too many files are open. Nothing is wrong with it; raise the limit (ulimit -n).`
    return new StoreError('unavailable', message, { cause })
  }
  const why = cause instanceof Error ? ` (${cause.message})` : ''
  const message = `${file} cannot be read${why}. It says which folder the regions of this ledger are relative to, and no other folder was used instead. Repair the file. Or write it again: run \`holdfast init --root .\` at the top of the work tree, and name the store with --store.`
  return new StoreError('unavailable', message, { cause })
}
