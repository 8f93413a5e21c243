import { createHash, randomBytes } from 'node:crypto'
import { Right, type Grant } from './rights.ts'

/** How long a code opens the page, and a cookie keeps it open. */
export const CODE_MS = 5 * 60_000
export const SESSION_MS = 12 * 60 * 60_000

/** Codes and cookies that are remembered; beyond that the oldest is worth nothing any more. */
const REMEMBERED_MAX = 64

/** Whoever has a code has it from the owner of the store, who may do everything. */
const PAGE: Grant = { name: 'page', can: Right.options, ledgers: null, lanes: null, holders: null }

interface Remembered {
  readonly untilMs: number
  readonly can: readonly Right[]
}

/**
 * The page's way in: a code that works once becomes a cookie. Both live in the memory of this server alone, by their hashes,
 * so that looking one up takes as long whatever was guessed.
 */
export class PageSessions {
  readonly #codes = new Map<string, Remembered>()
  readonly #cookies = new Map<string, Remembered>()

  /** A code that opens the page once, within `CODE_MS`. */
  newCode(nowMs: number, can: readonly Right[] = Right.options): string {
    return remember(this.#codes, { untilMs: nowMs + CODE_MS, can })
  }

  /** The cookie for a code, which is used up by this; `null`: it is none, or too old. */
  open(code: string, nowMs: number): string | null {
    const key = keyOf(code)
    const known = this.#codes.get(key)
    this.#codes.delete(key)
    if (known === undefined || known.untilMs <= nowMs) return null
    return remember(this.#cookies, { untilMs: nowMs + SESSION_MS, can: known.can })
  }

  grantOf(cookie: string, nowMs: number): Grant | null {
    const known = this.#cookies.get(keyOf(cookie))
    return known === undefined || known.untilMs <= nowMs ? null : { ...PAGE, can: known.can }
  }
}

function remember(known: Map<string, Remembered>, what: Remembered): string {
  const secret = randomBytes(32).toString('base64url')
  known.set(keyOf(secret), what)
  for (const oldest of known.keys()) {
    if (known.size <= REMEMBERED_MAX) break
    known.delete(oldest)
  }
  return secret
}

function keyOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
