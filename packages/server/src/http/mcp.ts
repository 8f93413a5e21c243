import type { OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import type { Context } from 'hono'
import { authenticate, demand } from './authenticate.ts'
import type { HttpEnv } from './env.ts'
import type { McpDoor } from './mcp-door.ts'
import type { HttpParts } from './parts.ts'
import { closingProblem, Problem } from './problem.ts'

/** Names the agent that asks: the protocol has no sessions that would. */
export const HOLDER_HEADER = 'Holdfast-Holder'

/** How long an answer may last beyond what any other may: a tool can wait for a lease. */
export const MCP_LASTS_MS = 330_000

const DEFAULT_LEDGER = 'default'

/** Adds `/mcp`, for the ledger of the token or `default`, and `/mcp/{ledger}`. */
export function addMcp(app: OpenAPIHono<HttpEnv>, parts: HttpParts, bodyBytesMax: number): void {
  const { mcp, closing } = parts
  if (mcp === null) return
  let opening: Promise<McpDoor> | null = null
  const tooLarge = (): never => {
    throw new Problem(413, 'too-large', `A body has at most ${bodyBytesMax} bytes.`)
  }
  const answer = async (c: Context<HttpEnv>): Promise<Response> => {
    const grant = c.get('grant')
    const [only, ...others] = grant.ledgers ?? []
    const ledger = c.req.param('ledger') ?? (others.length === 0 ? only : undefined) ?? DEFAULT_LEDGER
    demand(grant, { rights: [], ledger })
    if (closing.aborted) throw closingProblem()
    opening ??= mcp()
    const door = await opening
    return door.fetch(c.req.raw, {
      grant,
      holder: c.req.header(HOLDER_HEADER) ?? null,
      ledger,
      served: () => parts.ledgers.of(ledger),
      gone: c.get('gone'),
      place: parts.place,
      lasting: work =>
        parts.lasting.run({ ends: [c.get('gone'), closing], isGranted: c.get('isGranted'), token: grant.name }, work),
      failed: error => parts.log.error({ err: error, path: c.req.path }, 'a tool failed'),
    })
  }
  closing.addEventListener('abort', () => void opening?.then(door => door.close()).catch(() => {}), { once: true })
  for (const path of ['/mcp', '/mcp/:ledger']) {
    app.use(path, authenticate(parts), bodyLimit({ maxSize: bodyBytesMax, onError: tooLarge }))
    app.all(path, answer)
  }
}
