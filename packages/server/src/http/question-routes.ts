import type { OpenAPIHono } from '@hono/zod-openapi'
import { EventType, Revision } from '@holdfast/core'
import { InputError } from '@holdfast/engine'
import type { Context } from 'hono'
import { isoInstant } from '../text/iso-instant.ts'
import type { LogFilter } from '../answers/log-filter.ts'
import type { ServedLedger } from '../hosted-ledgers.ts'
import type { Grant } from '../tokens/rights.ts'
import { demand } from './authenticate.ts'
import type { HttpEnv } from './env.ts'
import type { HttpParts } from './parts.ts'
import { Problem } from './problem.ts'
import { asked, diff, history, leases, liveness, status, verify, why } from './questions.ts'
import { metricsResponse } from './metrics-response.ts'
import { json } from './reply.ts'
import { Turns } from './turns.ts'
import { allEvents, leaseEvents, logEvents, logLines, verdictEvents, wantsEvents } from './streams.ts'

/** Events that `history` shows unless told otherwise, and at most. */
const SHOWN = 100
const SHOWN_MAX = 10_000

/** Adds the questions: `GET /v1/ledgers/{ledger}/…`, and what is about the server. */
export function addQuestions(app: OpenAPIHono<HttpEnv>, parts: HttpParts): void {
  let isVerifying = false
  const of = async (c: Context<HttpEnv>): Promise<ServedLedger> => {
    const ledger = c.req.param('ledger') ?? ''
    demand(c.get('grant'), { rights: ['read'], ledger })
    return parts.ledgers.of(ledger)
  }
  const ask = async (c: Context<HttpEnv>) => asked(await of(c), c.req.param('ledger') ?? '', parts)
  const turns = new Turns()
  const ofPast = async (c: Context<HttpEnv>, answer: () => Promise<object>) =>
    json(await turns.take(c.get('gone'), answer))
  const at = (path: string) => `/v1/ledgers/:ledger/${path}`

  app.get('/v1/ledgers', async c => {
    const grant = c.get('grant')
    demand(grant, { rights: ['read'] })
    const isSeen = (ledger: string): boolean => grant.ledgers?.includes(ledger) ?? true
    return ofPast(c, async () => ({ ledgers: await parts.ledgers.listed(isSeen) }))
  })
  app.get(at('leases'), async c => {
    if (wantsEvents(c)) return leaseEvents(c, await of(c), parts)
    const point = c.req.query('at')
    if (point === undefined) return json(await leases(await ask(c), undefined))
    return ofPast(c, async () => leases(await ask(c), point))
  })
  app.get(at('liveness'), async c => {
    if (wantsEvents(c)) return verdictEvents(c, await of(c), parts)
    return json(await liveness(await ask(c), parts))
  })
  app.get(at('status'), async c => json(status(await ask(c), parts)))
  app.get(at('why/:what{.+}'), c => ofPast(c, async () => why(await ask(c), c.req.param('what') ?? '')))
  app.get(at('history/:name{.+}'), c =>
    ofPast(c, async () => history(await ask(c), c.req.param('name') ?? '', countOf(c, 'n') ?? SHOWN)),
  )
  app.get(at('diff'), c => ofPast(c, async () => diff(await ask(c), needed(c, 'from'), needed(c, 'to'))))
  app.get(at('log'), async c => {
    const served = await of(c)
    const filter = filterOf(c)
    if (!wantsEvents(c)) return logLines(c, served, parts, { filter, last: countOf(c, 'n') })
    return logEvents(c, served, parts, { filter, from: revisionOf(c, 'from') })
  })
  app.get(at('follow'), async c => allEvents(c, await of(c), parts, revisionOf(c, 'from')))
  app.get(at('verify'), async c => {
    const served = await of(c)
    // It reads everything; one at a time is enough for everybody.
    if (isVerifying) {
      throw new Problem(503, 'busy', 'Another verification runs. Ask again later.', { headers: { 'Retry-After': '5' } })
    }
    isVerifying = true
    try {
      return json(await verify(served))
    } finally {
      isVerifying = false
    }
  })
  app.get('/v1/rights', c => {
    const { name, can, ledgers, lanes, holders } = c.get('grant')
    return json({ name, can, ledgers, lanes, holders })
  })
  app.get('/v1/tokens', c => {
    const grant = c.get('grant')
    demand(grant, { rights: ['admin'] })
    const known = parts.tokens.list().filter(token => isWithin(token, grant))
    return json({ tokens: known.map(({ hash: _hash, version: _version, ...told }) => told) })
  })
  app.delete('/v1/tokens/:name', c => {
    const grant = c.get('grant')
    demand(grant, { rights: ['admin'] })
    const name = c.req.param('name')
    const isSeen = parts.tokens.list().some(token => token.name === name && isWithin(token, grant))
    if (!isSeen || !parts.tokens.revoke(name))
      throw new Problem(404, 'no-token', `There is no token ${JSON.stringify(name)}.`)
    return json({ revoked: name })
  })
  app.get('/metrics', async c => {
    const grant = c.get('grant')
    demand(grant, { rights: ['read'] })
    if (grant.ledgers !== null) {
      const message = `The token ${grant.name} is for the ledger ${grant.ledgers.join(', ')}; the metrics tell of every ledger.`
      throw new Problem(403, 'forbidden', message)
    }
    return metricsResponse(parts, c.req.header('Accept'))
  })
}

/** Whoever administers some ledgers has nothing to do with the tokens of others. */
function isWithin({ ledgers }: Pick<Grant, 'ledgers'>, grant: Grant): boolean {
  return grant.ledgers === null || (ledgers?.every(ledger => grant.ledgers?.includes(ledger)) ?? false)
}

function needed(c: Context<HttpEnv>, name: string): string {
  const given = c.req.query(name)
  if (given === undefined || given === '') throw new InputError([{ path: name, message: 'it is missing' }])
  return given
}

function revisionOf(c: Context<HttpEnv>, name: string): Revision | null {
  const given = c.req.query(name)
  if (given === undefined) return null
  const digits = /^r?(\d{1,15})$/.exec(given)?.[1]
  if (digits !== undefined) return Revision.parse(Number(digits))
  throw new InputError([{ path: name, message: 'write a revision such as r42' }])
}

function countOf(c: Context<HttpEnv>, name: string): number | null {
  const given = c.req.query(name)
  if (given === undefined) return null
  const count = /^\d{1,9}$/.test(given) ? Number(given) : 0
  if (count >= 1 && count <= SHOWN_MAX) return count
  throw new InputError([{ path: name, message: `write a whole number from 1 to ${SHOWN_MAX}` }])
}

function filterOf(c: Context<HttpEnv>): LogFilter {
  const types = c.req.queries('type')?.map(type => type.toUpperCase())
  const known: readonly string[] = [...EventType.options, 'UNRECOGNISED']
  const unknown = types?.find(type => !known.includes(type))
  if (unknown !== undefined) {
    throw new InputError([{ path: 'type', message: `it is no event type; known are ${known.join(', ')}` }])
  }
  const since = c.req.query('since')
  const sinceMs = since === undefined ? null : isoInstant(since)
  if (since !== undefined && sinceMs === null) {
    throw new InputError([{ path: 'since', message: 'write a time such as 2026-05-01T14:03:00Z' }])
  }
  return { types: types === undefined ? null : new Set(types), lane: c.req.query('lane') ?? null, sinceMs }
}
