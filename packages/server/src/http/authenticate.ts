import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import { lacking, type Grant, type Need } from '../tokens/rights.ts'
import { Problem } from './problem.ts'
import type { HttpEnv } from './env.ts'
import type { HttpParts } from './parts.ts'

export const COOKIE = 'holdfast_session'

/** A page of ours sends it with what changes something: no form and no link of another one can. */
export const PAGE_HEADER = 'Holdfast-Page'

const BEARER = /^Bearer +([\w.~+/=-]+) *$/i

/** The token that an `Authorization` header shows; `null`: it shows none. */
export function bearerIn(header: string | undefined): string | null {
  return BEARER.exec(header ?? '')?.[1] ?? null
}

/** Finds out who asks. Ends with 401 where nobody says so. */
export function authenticate(parts: HttpParts): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const grantOf = granting(c, parts)
    const grant = grantOf()
    if (grant === null) throw nobody(c, parts)
    c.set('grant', grant)
    c.set('isGranted', () => isGood(grantOf))
    await next()
  }
}

/** Doubt ends what lasts: it may have been revoked. */
function isGood(grantOf: () => Grant | null): boolean {
  try {
    return grantOf() !== null
  } catch {
    return false
  }
}

/** Too many open files, a disk that fails: whoever asks has done nothing wrong. */
function unreadable(): Problem {
  const message = 'The token cannot be looked up now, so nothing was done. Ask again in a moment.'
  return new Problem(503, 'unavailable', message, { headers: { 'Retry-After': '1' } })
}

/** Ends with 403, and says what is lacking. */
export function demand(grant: Grant, need: Need): void {
  const lack = lacking(grant, need)
  if (lack !== null) throw new Problem(403, 'forbidden', `The token ${grant.name} may not do this: ${lack}.`)
}

/** Looks for who asks; called again as long as a request lasts. */
function granting(c: Context<HttpEnv>, { tokens, sessions }: HttpParts): () => Grant | null {
  const written = bearerIn(c.req.header('Authorization'))
  if (written !== null) {
    return () => {
      const checked = tokens.check(written, Date.now())
      if (checked.good) return checked.token
      if (checked.why === 'unreadable') throw unreadable()
      return null
    }
  }
  const cookie = getCookie(c, COOKIE)
  if (cookie === undefined || c.req.header('Authorization') !== undefined) return () => null
  const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
  const isOfPage = c.req.header('Origin') !== undefined && c.req.header(PAGE_HEADER) !== undefined
  if (!isRead && !isOfPage) {
    throw new Problem(403, 'not-from-the-page', `A change by cookie needs the Origin of the page and ${PAGE_HEADER}.`)
  }
  return () => sessions.grantOf(cookie, Date.now())
}

function nobody(c: Context<HttpEnv>, parts: HttpParts): Problem {
  const given = c.req.header('Authorization') !== undefined || getCookie(c, COOKIE) !== undefined
  return notGranted(given ? peerOf(c) : null, parts)
}

/** What whoever has no good token is told. `peer`: who has shown a bad one; `null`: none was shown. */
export function notGranted(peer: string | null, parts: Pick<HttpParts, 'badTokens' | 'log'>): Problem {
  const headers = { 'WWW-Authenticate': 'Bearer realm="holdfast"' }
  if (peer === null) {
    const message = 'Send a token: Authorization: Bearer holdfast.NAME.SECRET (holdfast token create makes one).'
    return new Problem(401, 'no-token', message, { headers })
  }
  return (
    badToken(peer, parts) ?? new Problem(401, 'bad-token', 'This token is unknown, revoked or expired.', { headers })
  )
}

/** Notes a bad token or code; a peer that shows too many is told to slow down. */
export function badToken(peer: string, { badTokens, log }: Pick<HttpParts, 'badTokens' | 'log'>): Problem | null {
  const waitMs = badTokens.note(peer, Date.now())
  if (waitMs === 0) {
    log.warn({ peer }, 'a bad token')
    return null
  }
  const headers = { 'Retry-After': String(Math.ceil(waitMs / 1000)), Connection: 'close' }
  return new Problem(429, 'slow-down', 'Too many bad tokens from this address.', { headers })
}

/** The address of whoever asks. */
export function peerOf(c: Context<HttpEnv>): string {
  if (c.env?.incoming === undefined) return 'nobody'
  return getConnInfo(c).remote.address ?? 'unknown'
}
