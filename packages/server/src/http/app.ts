import { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { setCookie } from 'hono/cookie'
import { StoreError } from '@holdfast/store'
import { SESSION_MS } from '../tokens/page-sessions.ts'
import { authenticate, badToken, COOKIE, peerOf } from './authenticate.ts'
import { addCommands } from './command-routes.ts'
import { addMcp, MCP_LASTS_MS } from './mcp.ts'
import { describe } from './openapi.ts'
import { pageFile } from './page-files.ts'
import type { HttpEnv } from './env.ts'
import { HOOK_BYTES_MAX, hookAgent, HookRoute } from './hooks.ts'
import type { HttpParts } from './parts.ts'
import { Problem, problemOf, problemResponse } from './problem.ts'
import { addQuestions } from './question-routes.ts'
import { json } from './reply.ts'

/** Bytes that the body of a request has at most. */
export const BODY_BYTES_MAX = 256 * 1024

/** Where the files of the page lie. */
const ANY_FILE = '/*'

/** The HTTP door: what can be asked for under which path. */
export function httpApp(parts: HttpParts): OpenAPIHono<HttpEnv> {
  const app = new OpenAPIHono<HttpEnv>()
  const hooks = new HookRoute(parts)
  app.onError(async (error, c) => {
    if (error instanceof StoreError && error.detail === 'replaced') parts.replaced(error)
    const problem = problemOf(error)
    if (problem.status === 500) parts.log.error({ err: error, path: c.req.path }, 'a request failed')
    const { status, message, code, more, headers } = problem
    const refused = await hooks.refusal(c.req.path, message)
    if (refused !== null) return refused
    return problemResponse(status, message, { code, ...more }, headers)
  })
  app.notFound(c => {
    const allowed = methodsOf(app, c.req.path)
    if (allowed.length === 0) {
      const detail = `Nothing is at ${c.req.path}. /openapi.json lists what there is.`
      return problemResponse(404, detail, { code: 'not-found' })
    }
    const detail = `${c.req.path} takes ${allowed.join(' and ')} alone.`
    return problemResponse(405, detail, { code: 'method-not-allowed' }, { Allow: allowed.join(', ') })
  })
  app.use(harmless, takenInTime(parts))
  app.use(atThisHost(parts))
  app.get('/healthz', () => json({ ok: true }))
  app.get('/readyz', async () => json(await readiness(parts)))
  const document = describe(app, parts.version)
  app.get('/openapi.json', () => json(document))
  app.get('/open', c => {
    const cookie = parts.sessions.open(c.req.query('code') ?? '', Date.now())
    if (cookie === null) {
      const slow = badToken(peerOf(c), parts)
      const message =
        'This address was opened before, or is too old. Start `holdfast serve --open` again for another one.'
      throw slow ?? new Problem(403, 'code-used', message)
    }
    setCookie(c, COOKIE, cookie, { httpOnly: true, sameSite: 'Strict', path: '/', maxAge: SESSION_MS / 1000 })
    return c.redirect('/', 303)
  })
  const limit = bodyLimit({ maxSize: BODY_BYTES_MAX, onError: tooLarge })
  const hookLimit = bodyLimit({ maxSize: HOOK_BYTES_MAX, onError: tooLarge })
  app.use('/v1/*', authenticate(parts), (c, next) => (hookAgent(c.req.path) === null ? limit : hookLimit)(c, next))
  app.use('/metrics', authenticate(parts))
  addCommands(app, parts)
  addQuestions(app, parts)
  addMcp(app, parts, BODY_BYTES_MAX)
  hooks.add(app, parts)
  app.get(ANY_FILE, async c => (await pageFile(parts.page, c.req.path)) ?? c.notFound())
  return app
}

/** What every answer says to a browser, and when somebody is gone. */
const harmless: MiddlewareHandler<HttpEnv> = async (c, next) => {
  const gone = new AbortController()
  c.set('gone', gone.signal)
  c.env?.outgoing?.once('close', () => gone.abort())
  await next()
  c.header('X-Content-Type-Options', 'nosniff')
  c.header('Referrer-Policy', 'no-referrer')
  c.header('Cross-Origin-Resource-Policy', 'same-origin')
  c.header('Cross-Origin-Opener-Policy', 'same-origin')
  if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store')
}

/** Whoever does not take an answer does not keep it here. Streams see to that themselves. */
function takenInTime({ timers, takeWithinMs }: HttpParts): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    await next()
    const out = c.env?.outgoing
    if (out === undefined || out.writableFinished || out.destroyed) return
    const withinMs = isMcp(c.req.path) ? takeWithinMs + MCP_LASTS_MS : takeWithinMs
    const cancel = timers.after(withinMs, () => out.destroy(), { background: true })
    out.once('close', cancel)
  }
}

/** Only who means this server is answered: no page of another origin, and none whose name was made to lead here. */
function atThisHost({ hosts }: HttpParts): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const host = c.req.header('Host')
    if (!hosts.isHost(host)) {
      throw new Problem(421, 'wrong-host', 'This server is not asked under this name. Name it with --allow-host.')
    }
    const origin = c.req.header('Origin')
    if (origin !== undefined && !hosts.isOrigin(origin, host)) {
      throw new Problem(403, 'wrong-origin', 'A page of another origin may not ask here.')
    }
    const site = c.req.header('Sec-Fetch-Site')
    const isApi = c.req.path.startsWith('/v1/') || c.req.path === '/metrics' || isMcp(c.req.path)
    if (isApi && (site === 'cross-site' || site === 'same-site')) {
      throw new Problem(403, 'wrong-origin', 'A page of another origin may not ask here.')
    }
    await next()
  }
}

/** The methods that a path has, beside those of a file of the page. */
function methodsOf(app: OpenAPIHono<HttpEnv>, path: string): readonly string[] {
  const has = (method: string): boolean =>
    app.router.match(method, path)[0].some(([[, route]]) => route.method === method && route.path !== ANY_FILE)
  return ['GET', 'POST', 'DELETE'].filter(has).flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
}

function isMcp(path: string): boolean {
  return path === '/mcp' || path.startsWith('/mcp/')
}

async function readiness({ closing, ledgers, log, replaced }: HttpParts): Promise<object> {
  if (closing.aborted) throw new Problem(503, 'closing', 'The server ends.')
  try {
    for (const { hosted } of await ledgers.all()) await hosted.ledger.store.head(hosted.ledger.stream)
  } catch (error) {
    // Whoever asks has no token: what the store says is for the log.
    if (error instanceof StoreError && error.detail === 'replaced') replaced(error)
    log.warn({ err: error }, 'not ready')
    throw new Problem(503, 'not-ready', 'A ledger cannot be read; the log of the server says why.')
  }
  return { ok: true }
}

function tooLarge(): never {
  throw new Problem(413, 'too-large', `A body has at most ${BODY_BYTES_MAX} bytes.`)
}
