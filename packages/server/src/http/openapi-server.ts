import type { OpenAPIHono } from '@hono/zod-openapi'
import * as z from 'zod'
import { Right } from '../tokens/rights.ts'
import type { HttpEnv } from './env.ts'

interface Shared {
  /** What a path needs that is not open to everybody. */
  readonly secured: { readonly security: Record<string, string[]>[] }
  readonly problems: Readonly<Record<number, { readonly description: string }>>
}

const patterns = z.array(z.string()).nullable()

/** A token as it is told of: without its secret, and without the hash of it. */
const TokenShown = z.strictObject({
  name: z.string(),
  can: z.array(Right),
  ledgers: patterns,
  lanes: patterns,
  holders: patterns,
  createdAtMs: z.int(),
  expiresAtMs: z.int().nullable(),
})

const Ok = z.strictObject({ ok: z.literal(true) })

/** Enters what is asked of the server itself, and of its tokens. */
export function describeServer(registry: OpenAPIHono<HttpEnv>['openAPIRegistry'], { secured, problems }: Shared): void {
  const answered = (description: string, schema: z.ZodType) => ({
    200: { description, content: { 'application/json': { schema } } },
    ...problems,
  })
  registry.registerPath({
    method: 'get',
    path: '/v1/tokens',
    summary: 'The tokens, without their secrets',
    operationId: 'tokens',
    ...secured,
    responses: answered('The tokens.', z.strictObject({ tokens: z.array(TokenShown) })),
  })
  registry.registerPath({
    method: 'delete',
    path: '/v1/tokens/{name}',
    summary: 'End a token at once',
    operationId: 'revokeToken',
    ...secured,
    request: { params: z.object({ name: z.string() }) },
    responses: answered('It is worth nothing from now on.', z.strictObject({ revoked: z.string() })),
  })
  for (const [path, operationId, summary] of [
    ['/healthz', 'health', 'Whether the server runs; needs no token'],
    ['/readyz', 'readiness', 'Whether its ledgers can be read; needs no token'],
  ] as const) {
    registry.registerPath({ method: 'get', path, summary, operationId, responses: answered('It is so.', Ok) })
  }
  registry.registerPath({
    method: 'get',
    path: '/metrics',
    summary: "The metrics of the whole server, in Prometheus' text format",
    operationId: 'metrics',
    ...secured,
    responses: { 200: { description: 'The metrics.', content: { 'text/plain': { schema: z.string() } } }, ...problems },
  })
}
