import { createHash, randomBytes } from 'node:crypto'
import { Right, type Grant } from './rights.ts'

/** How long a code opens the page, and a cookie keeps it open. */
export const CODE_MS = 5 * 60_000
export const SESSION_MS = 12 * 60 * 60_000

/** Codes and cookies that are remembered; beyond that the oldest is worth nothing any more. */
const REMEMBERED_MAX = 64

/** What the owner of the store may: everything. */
const OWNER: Grant = { name: 'page', can: Right.options, ledgers: null, lanes: null, holders: null }

/**
 * The page's way in: a code that works once becomes a cookie. Both live in the memory of this server alone, by their hashes,
 * so that looking one up takes as long whatever was guessed.
 */
export class PageSessions {
  readonly #codes = new Map<string, number>()
  readonly #cookies = new Map<string, number>()

  /** A code that opens the page once, within `CODE_MS`. */
  newCode(nowMs: number): string {
    return remember(this.#codes, nowMs + CODE_MS)
  }

  /** The cookie for a code, which is used up by this; `null`: it is none, or too old. */
  open(code: string, nowMs: number): string | null {
    const key = keyOf(code)
    const untilMs = this.#codes.get(key)
    this.#codes.delete(key)
    return untilMs === undefined || untilMs <= nowMs ? null : remember(this.#cookies, nowMs + SESSION_MS)
  }

  grantOf(cookie: string, nowMs: number): Grant | null {
    const untilMs = this.#cookies.get(keyOf(cookie))
    return untilMs === undefined || untilMs <= nowMs ? null : OWNER
  }
}

function remember(known: Map<string, number>, untilMs: number): string {
  const secret = randomBytes(32).toString('base64url')
  known.set(keyOf(secret), untilMs)
  for (const oldest of known.keys()) {
    if (known.size <= REMEMBERED_MAX) break
    known.delete(oldest)
  }
  return secret
}

function keyOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
