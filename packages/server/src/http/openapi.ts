import type { OpenAPIHono } from '@hono/zod-openapi'
import * as z from 'zod'
import { AcquireAnswer } from '../answers/schemas/acquire.ts'
import {
  AdoptAnswer,
  CheckAnswer,
  HeartbeatAnswer,
  IntentAnswer,
  ReleaseAnswer,
  ScavengeAnswer,
} from '../answers/schemas/held-lease.ts'
import { HistoryAnswer, LogLine, WhyAnswer } from '../answers/schemas/why.ts'
import { LeasesAnswer, LivenessAnswer, DiffAnswer } from '../answers/schemas/questions.ts'
import { StatusAnswer, VerifyAnswer } from '../answers/schemas/status.ts'
import { Right } from '../tokens/rights.ts'
import { BODIES, type Operation } from './bodies.ts'
import type { HttpEnv } from './env.ts'
import { describeServer } from './openapi-server.ts'

/** What each command is answered with: the JSON of the command line. */
const ANSWERS: Readonly<Record<Operation, z.ZodType>> = {
  acquire: AcquireAnswer,
  release: ReleaseAnswer,
  heartbeat: HeartbeatAnswer,
  adopt: AdoptAnswer,
  scavenge: ScavengeAnswer,
  halt: IntentAnswer,
  spawn: IntentAnswer,
  check: CheckAnswer,
}

const SUMMARIES: Readonly<Record<Operation, string>> = {
  acquire: 'Ask for a lease',
  release: 'Give a lease up',
  heartbeat: 'Renew a lease',
  adopt: 'Take over the lease of somebody else',
  scavenge: 'End the lease of somebody else',
  halt: 'Ask a holder to stop',
  spawn: 'Announce that work starts',
  check: 'Tell whether a lease is held now',
}

/** RFC 9457, with the fields of the answer where there is one. */
const ProblemBody = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().optional(),
  /** What could not be understood, each with its field. */
  faults: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})

const point = z.string().describe('r<revision>, or a time such as 2026-05-01T14:03:00Z')

interface Question {
  readonly path: string
  readonly summary: string
  readonly answer: z.ZodType
  readonly params?: z.ZodRawShape
  readonly query?: z.ZodRawShape
  /** What it is as a stream of events. */
  readonly events?: string
}

const LEDGER = '/v1/ledgers/{ledger}'

const QUESTIONS: readonly Question[] = [
  {
    path: `${LEDGER}/leases`,
    summary: 'The leases, now or at an earlier point',
    answer: LeasesAnswer,
    query: { at: point.optional() },
    events: '`all` once, then `changes` with `changed` and `gone`',
  },
  {
    path: `${LEDGER}/liveness`,
    summary: 'Which holders make progress',
    answer: LivenessAnswer,
    events: '`verdict` for each lease, whenever it changes',
  },
  { path: `${LEDGER}/status`, summary: 'The ledger at a glance', answer: StatusAnswer },
  {
    path: `${LEDGER}/why/{what}`,
    summary: 'Why an event, a lane or a lease is as it is; `text` has it in words',
    answer: WhyAnswer.and(z.object({ text: z.array(z.string()) })),
    params: { what: z.string() },
  },
  {
    path: `${LEDGER}/history/{name}`,
    summary: 'Who held a lane or a lease, and what happened',
    answer: HistoryAnswer,
    params: { name: z.string() },
    query: { n: z.int().optional() },
  },
  {
    path: `${LEDGER}/diff`,
    summary: 'What changed between two points',
    answer: DiffAnswer,
    query: { from: point, to: point },
  },
  { path: `${LEDGER}/verify`, summary: 'Check the whole log', answer: VerifyAnswer },
  {
    path: '/v1/ledgers',
    summary: 'The ledgers of the store; of a store that cannot list them (EventStoreDB), those that are open',
    answer: z.object({
      ledgers: z.array(z.object({ ledger: z.string(), ledgerId: z.string(), head: z.int(), open: z.boolean() })),
    }),
  },
  {
    path: '/v1/rights',
    summary: 'What the one who asks may do; `null`: everything of that kind',
    answer: z.object({
      name: z.string(),
      can: z.array(Right),
      ledgers: z.array(z.string()).nullable(),
      lanes: z.array(z.string()).nullable(),
      holders: z.array(z.string()).nullable(),
    }),
  },
]

/** Enters every path and gives the document. */
export function describe(app: OpenAPIHono<HttpEnv>, version: string): object {
  const registry = app.openAPIRegistry
  registry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' })
  registry.registerComponent('securitySchemes', 'page', { type: 'apiKey', in: 'cookie', name: 'holdfast_session' })
  const secured = { security: [{ token: [] }, { page: [] }] }
  const problems = problemResponses()
  for (const [operation, body] of Object.entries(BODIES)) {
    if (!isOperation(operation)) continue
    const done = { description: 'Done.', content: { 'application/json': { schema: jsonSchema(ANSWERS[operation]) } } }
    registry.registerPath({
      method: 'post',
      path: `${LEDGER}/${operation}`,
      summary: SUMMARIES[operation],
      operationId: operation,
      ...secured,
      request: {
        params: z.object({ ledger: z.string() }),
        headers: z.object({ 'Idempotency-Key': z.string().optional() }),
        ...(operation === 'acquire' ? { query: z.object({ wait: z.string().optional() }) } : {}),
        body: { required: true, content: { 'application/json': { schema: jsonSchema(body) } } },
      },
      responses: { [operation === 'acquire' ? 201 : 200]: done, ...problems },
    })
  }
  for (const { path, summary, answer, params, query, events } of QUESTIONS) {
    const asEvents = events === undefined ? {} : { 'text/event-stream': { schema: z.string().describe(events) } }
    const named = path.includes('{ledger}') ? { ledger: z.string() } : {}
    registry.registerPath({
      method: 'get',
      path,
      summary,
      operationId:
        path
          .replace(LEDGER, '')
          .replace('/v1/', '')
          .split('/')
          .find(part => part !== '') ?? path,
      ...secured,
      request: {
        params: z.object({ ...named, ...params }),
        ...(query === undefined ? {} : { query: z.object(query) }),
      },
      responses: {
        200: { description: summary, content: { 'application/json': { schema: jsonSchema(answer) }, ...asEvents } },
        ...problems,
      },
    })
  }
  registry.registerPath({
    method: 'get',
    path: `${LEDGER}/log`,
    summary:
      'The recorded events, one a line; as a stream of events, those that come after `Last-Event-ID` or from `from` on',
    operationId: 'log',
    ...secured,
    request: {
      params: z.object({ ledger: z.string() }),
      headers: z.object({ 'Last-Event-ID': z.string().optional() }),
      query: z.object({
        n: z.int().optional(),
        from: z.string().optional(),
        type: z.string().optional(),
        lane: z.string().optional(),
        since: z.string().optional(),
      }),
    },
    responses: {
      200: {
        description: 'The events.',
        content: { 'application/jsonl': { schema: jsonSchema(LogLine) }, 'text/event-stream': { schema: z.string() } },
      },
      ...problems,
    },
  })
  registry.registerPath({
    method: 'get',
    path: `${LEDGER}/follow`,
    summary: 'The events of `log`, `leases` and `liveness` as they come, in one stream; ids are those of `log`',
    operationId: 'follow',
    ...secured,
    request: {
      params: z.object({ ledger: z.string() }),
      headers: z.object({ 'Last-Event-ID': z.string().optional() }),
      query: z.object({ from: z.string().optional() }),
    },
    responses: {
      200: { description: 'The events.', content: { 'text/event-stream': { schema: z.string() } } },
      ...problems,
    },
  })
  registry.registerPath({
    method: 'get',
    path: `${LEDGER}/connect`,
    summary:
      'A connection for the whole ledger, by `Connection: Upgrade` and `Upgrade: holdfast`. Behind the 101 it is no HTTP any more: `openLedger` speaks it',
    operationId: 'connect',
    ...secured,
    request: {
      params: z.object({ ledger: z.string() }),
      headers: z.object({ Upgrade: z.literal('holdfast') }),
    },
    responses: { 101: { description: 'Connected.' }, ...problems },
  })
  describeServer(registry, { secured, problems })
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Holdfast', version, description: 'Leases and liveness for fleets of workers, by HTTP.' },
  })
}

function problemResponses() {
  const of = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: jsonSchema(ProblemBody) } },
  })
  return {
    400: of('The body is no JSON document.'),
    401: of('No token, or a bad one.'),
    403: of('The token lacks a right; `detail` says which.'),
    404: of('There is no such ledger, or no such path.'),
    405: of('The path has other methods: `Allow`.'),
    406: of('It comes in another form.'),
    409: of('Refused: `code`, `blockers`, `earliestRetryAt`, `next` as in the answer.'),
    410: of('Not held.'),
    413: of('The body is too large.'),
    415: of('The body is sent as another type than application/json.'),
    421: of('The server is not asked under this name.'),
    422: of('The request cannot be understood; `faults` has every field.'),
    429: of('Too many bad tokens from this address.'),
    500: of('Something unexpected went wrong; the log of the server says what.'),
    502: of('The ledger moved, is newer than this program, or is corrupt: `code`.'),
    503: of('The store is not available, or too many wait.'),
  }
}

/**
 * The JSON Schema of what a schema gives: OpenAPI 3.1 takes it as it is. JSON of any kind, which a schema says by
 * itself, is told as anything: references of one schema mean nothing in the document.
 */
function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _dialect, $defs: _defs, ...told } = z.toJSONSchema(schema, { unrepresentable: 'any' })
  const text = JSON.stringify(told, (_key, value: unknown) => (isReference(value) ? {} : value))
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text))
}

function isReference(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '$ref' in value
}

function isOperation(name: string): name is Operation {
  return Object.hasOwn(BODIES, name)
}
