import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '@holdfast/engine'
import { makeOwnFolder, serveFolder } from '@holdfast/engine/served'
import { StoreError } from '@holdfast/store'
import { putSmallFile } from '@holdfast/store/internal'
import { readOwnFile, UNREADABLE } from './own-file.ts'
import { TokenFile, TokenRequest } from './token-file.ts'

/** Tokens of one store at most. */
const TOKENS_MAX = 1_000

const SECRET_BYTES = 32

/** `holdfast.NAME.SECRET`: the name finds the file, the secret is compared. */
const WRITTEN = /^holdfast\.([a-z0-9][a-z0-9-]{0,62})\.([\w-]{43})$/

/** Compared where there is no token of a name, so that both take as long. */
const NOBODY = Buffer.alloc(32)

/** Whether a token is good now. */
export type Checked =
  | { readonly good: true; readonly token: TokenFile }
  | { readonly good: false; readonly why: 'unknown' | 'expired' }
  /** It may be good, and cannot be looked up now. */
  | { readonly good: false; readonly why: 'unreadable' }

/**
 * The tokens of a store: one file for each, in the folder in which its server announces itself, which only its user may
 * enter. A token is looked up in its file for every request, so one that is revoked is worth nothing from then on.
 */
export class TokenStore {
  readonly #serve: string
  readonly #folder: string

  constructor(storeUrl: string) {
    this.#serve = serveFolder(storeUrl)
    this.#folder = join(this.#serve, 'tokens')
  }

  /** Makes a token and gives what its bearer writes. It is told once: the file holds its hash. Throws an `InputError`. */
  create(request: TokenRequest, nowMs: number): { readonly token: TokenFile; readonly secret: string } {
    const asked = TokenRequest.safeParse(request)
    if (!asked.success) {
      throw new InputError(asked.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })))
    }
    for (const folder of [this.#serve, this.#folder]) {
      if (!makeOwnFolder(folder)) throw notOurs(folder)
    }
    if (this.list().length >= TOKENS_MAX) throw fault(`there are ${TOKENS_MAX} tokens; revoke those that nobody uses`)
    const { name } = asked.data
    const secret = randomBytes(SECRET_BYTES).toString('base64url')
    const hash = hashOf(secret).toString('hex')
    const token: TokenFile = { version: 1, ...asked.data, createdAtMs: nowMs, hash }
    const isNew = putSmallFile(this.#pathOf(name), `${JSON.stringify(token)}\n`, { mode: 0o600 })
    if (!isNew) throw fault(`a token ${name} is there; revoke it first, or take another name`)
    return { token, secret: `holdfast.${name}.${secret}` }
  }

  /** By name. What is damaged counts as absent: it opens nothing. */
  list(): readonly TokenFile[] {
    let names: readonly string[]
    try {
      names = readdirSync(this.#folder)
    } catch {
      return []
    }
    const tokens = names.filter(name => name.endsWith('.json')).map(name => this.#read(name.slice(0, -'.json'.length)))
    return tokens.filter(token => token !== null).sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Ends a token. False where there is none of that name. */
  revoke(name: string): boolean {
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return false
    try {
      rmSync(this.#pathOf(name))
      // A revoked token does not come back with the power.
      syncFolder(this.#folder)
      return true
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
      throw error
    }
  }

  /** Whether what a bearer has written is a token that is good now. */
  check(written: string, nowMs: number): Checked {
    const [, name, secret] = WRITTEN.exec(written) ?? []
    if (name === undefined || secret === undefined) return { good: false, why: 'unknown' }
    const found = readOwnFile(this.#pathOf(name))
    const token = found === UNREADABLE ? null : parsed(name, found)
    const isIts = timingSafeEqual(hashOf(secret), token === null ? NOBODY : Buffer.from(token.hash, 'hex'))
    if (found === UNREADABLE) return { good: false, why: 'unreadable' }
    if (token === null || !isIts) return { good: false, why: 'unknown' }
    const isOver = token.expiresAtMs !== null && token.expiresAtMs <= nowMs
    return isOver ? { good: false, why: 'expired' } : { good: true, token }
  }

  #pathOf(name: string): string {
    return join(this.#folder, `${name}.json`)
  }

  #read(name: string): TokenFile | null {
    const text = readOwnFile(this.#pathOf(name))
    return text === UNREADABLE ? null : parsed(name, text)
  }
}

function parsed(name: string, text: string | null): TokenFile | null {
  try {
    const read = TokenFile.safeParse(text === null ? null : JSON.parse(text))
    return read.success && read.data.name === name ? read.data : null
  } catch {
    return null
  }
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function fault(message: string): InputError {
  return new InputError([{ path: 'name', message }])
}

function notOurs(folder: string): StoreError {
  const message = `${folder} is not a folder of this user that nobody else may enter (mode 0700). Find out who made it, and remove it.`
  return new StoreError('unavailable', message)
}
