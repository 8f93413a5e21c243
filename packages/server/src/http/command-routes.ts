import type { OpenAPIHono } from '@hono/zod-openapi'
import { initialState } from '@holdfast/core'
import { parseTraceparent } from '@holdfast/core/internal'
import { InputError, parseDuration } from '@holdfast/engine'
import type { Context } from 'hono'
import * as z from 'zod'
import { demand } from './authenticate.ts'
import { BODIES, type Body, type Operation } from './bodies.ts'
import type { Call } from './call.ts'
import { acquire, check, heartbeat, release } from './lease-operations.ts'
import { NEEDS } from './needs.ts'
import { adopt, halt, scavenge, spawn } from './other-operations.ts'
import type { HttpEnv } from './env.ts'
import type { HttpParts } from './parts.ts'
import { closingProblem, Problem } from './problem.ts'

/** A ledger of which nothing is known yet. */
const NOTHING = initialState()

type Run<O extends Operation> = (body: Body<O>, call: Call, parts: HttpParts) => Promise<Response>

/** Adds the commands: `POST /v1/ledgers/{ledger}/{command}`. */
export function addCommands(app: OpenAPIHono<HttpEnv>, parts: HttpParts): void {
  const add = <O extends Operation>(operation: O, run: Run<O>): void => {
    app.post(`/v1/ledgers/:ledger/${operation}`, async c => {
      const text = await textOf(c)
      const body = parsed(operation, text)
      const ledger = c.req.param('ledger') ?? ''
      const grant = c.get('grant')
      // Whoever may not do it learns nothing of the ledger, not even whether it is there.
      demand(grant, { rights: NEEDS[operation](body, NOTHING).rights, ledger })
      if (parts.closing.aborted) throw closingProblem()
      const served = await parts.ledgers.of(ledger)
      const { ledger: hosted } = served.hosted
      const isBound = grant.lanes !== null || grant.holders !== null
      demand(grant, NEEDS[operation](body, isBound ? await hosted.refresh() : hosted.state))
      const call: Call = {
        served,
        ledger,
        store: parts.url,
        grant,
        isGranted: c.get('isGranted'),
        gone: c.get('gone'),
        traceparent: parseTraceparent(c.req.header('traceparent') ?? ''),
        operation,
        key: keyOf(c),
        body: text,
        waitMs: waitOf(c, operation),
        lasting: work =>
          parts.lasting.run(
            { ends: [c.get('gone'), parts.closing], isGranted: c.get('isGranted'), token: grant.name },
            work,
          ),
      }
      return run(body, call, parts)
    })
  }
  add('acquire', acquire)
  add('release', release)
  add('heartbeat', heartbeat)
  add('check', check)
  add('adopt', adopt)
  add('scavenge', scavenge)
  add('halt', halt)
  add('spawn', spawn)
}

/** A form of a web page cannot send JSON as such, so nothing else is read. */
export async function textOf(c: Context<HttpEnv>): Promise<string> {
  const type = c.req.header('Content-Type') ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new Problem(415, 'no-json', 'Send the body as JSON, with Content-Type: application/json.')
  }
  return c.req.text()
}

function parsed<O extends Operation>(operation: O, text: string): Body<O> {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw new Problem(400, 'malformed', 'The body is no JSON document.')
  }
  // The table has the schema of each operation under its name; TypeScript does not follow a generic name into it.
  const schema: z.ZodType<Body<O>> = BODIES[operation] as unknown as z.ZodType<Body<O>>
  const body = schema.safeParse(given)
  if (body.success) return body.data
  const faults = body.error.issues.flatMap(issue => {
    const { path, message } = issue
    // Every field that is not known is a fault of its own.
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(key => ({ path: [...path, key].join('.'), message: 'this field is not known' }))
    return [{ path: path.join('.'), message }]
  })
  throw new InputError(faults)
}

const Key = z.string().min(1).max(256)

function keyOf(c: Context<HttpEnv>): string | null {
  const given = c.req.header('Idempotency-Key')
  if (given === undefined) return null
  const key = Key.safeParse(given)
  if (key.success) return key.data
  throw new InputError([{ path: 'Idempotency-Key', message: 'it has 1 to 256 characters' }])
}

function waitOf(c: Context<HttpEnv>, operation: Operation): number | null {
  const given = c.req.query('wait')
  if (given === undefined) return null
  if (operation !== 'acquire') throw new InputError([{ path: 'wait', message: 'only acquire waits' }])
  return parseDuration(given, 'wait')
}
