import { readFileSync, statSync } from 'node:fs'
import { StoreError } from '@holdfast/store'

/** Bytes that a file with a token has at most. */
const TOKEN_FILE_BYTES_MAX = 4_096

const TOKEN = /^[\w.~+/=-]{1,1024}$/

/**
 * The token for a server: the one that is given, else HOLDFAST_TOKEN, else what HOLDFAST_TOKEN_FILE holds. Throws `invalid` where
 * there is none, and for a file that others may read. It is never repeated.
 */
export function tokenGiven(given: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
  const written = given ?? (environment['HOLDFAST_TOKEN'] || fromFile(environment['HOLDFAST_TOKEN_FILE'] || undefined))
  if (written === undefined) {
    const message =
      'A server by HTTP answers nobody without a token. Put it into HOLDFAST_TOKEN, or name its file with HOLDFAST_TOKEN_FILE. `holdfast token create` makes one, on the host of the server.'
    throw new StoreError('invalid', message, { detail: 'no-token' })
  }
  const token = written.trim()
  if (TOKEN.test(token)) return token
  throw new StoreError('invalid', 'The token is none: it is one word, holdfast.NAME.SECRET.', { detail: 'no-token' })
}

function fromFile(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  const bad = (what: string, cause?: unknown): StoreError =>
    new StoreError('invalid', `The file ${path}, which HOLDFAST_TOKEN_FILE names, ${what}.`, {
      cause,
      detail: 'no-token',
    })
  let found
  try {
    found = statSync(path)
  } catch (error) {
    throw bad('is not there, or cannot be read', error)
  }
  if (!found.isFile() || found.size > TOKEN_FILE_BYTES_MAX) throw bad('holds no token')
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    throw bad('can be read by others than its owner: chmod 600 it')
  }
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw bad('cannot be read', error)
  }
}
