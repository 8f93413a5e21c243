import { LeaseId, ProcessIdentity, Revision, Token } from '@holdfast/core'
import { parserOf } from '@holdfast/core/internal'
import * as z from 'zod'

const HeadShape = z.union([z.literal('none'), Revision])

/** What a client says first. */
export const ClientHello = z.object({
  hello: z.int(),
  ledger: z.string().min(1),
  /** Recorded as the actor of what it asks for. */
  actor: ProcessIdentity.nullable(),
})
export type ClientHello = z.infer<typeof ClientHello>

const id = z.int().nonnegative()
/** A server that does not know it decides the same, and records no trace. */
const traceparent = z.string().optional()
const predicates = z.array(z.object({ name: z.string(), allowed: z.boolean(), reason: z.string() })).optional()

const Submit = z.object({
  id,
  do: z.literal('submit'),
  command: z.looseObject({ type: z.string() }),
  predicates,
  sentAfter: HeadShape,
  /** An instant before the first sending, where both have the same boot clock. */
  sentAtBootMs: z.number().optional(),
  traceparent,
})

/** What a client asks for. Commands are parsed by core. */
const ClientMessage = z.union([
  Submit,
  z.object({
    id,
    do: z.literal('wait'),
    command: z.looseObject({ type: z.literal('acquire') }),
    predicates,
    spanMs: z.number().nonnegative(),
    traceparent,
  }),
  z.object({ id, do: z.literal('watch'), leaseId: LeaseId, token: Token }),
  z.object({ id, do: z.literal('drains'), leaseId: LeaseId, token: Token }),
  z.object({
    id,
    do: z.literal('follow'),
    /** `log`: what the store itself gives to a subscriber. */
    stream: z.enum(['events', 'leases', 'liveness', 'log']),
    after: HeadShape.optional(),
  }),
  z.object({
    id,
    do: z.literal('read'),
    what: z.enum(['log', 'archive', 'checkpoint']),
    /** Of a CHECKPOINT: the newest below it. */
    from: Revision.optional(),
    direction: z.enum(['forwards', 'backwards']).optional(),
    limit: z.int().positive(),
  }),
  z.object({ id, do: z.literal('store'), what: z.enum(['now', 'head', 'archive', 'check']) }),
  z.object({ id, do: z.literal('ask'), question: z.string(), about: z.record(z.string(), z.json()).default({}) }),
  /** A command, and what its answer is made with. A server that does not know it ends the connection. */
  z.object({
    id,
    do: z.literal('tell'),
    command: z.looseObject({ type: z.string() }),
    sentAfter: HeadShape,
    about: z.record(z.string(), z.unknown()),
  }),
  z.object({ cancel: id }),
  z.object({ unwatch: LeaseId }),
  z.object({ ping: z.int() }),
])
export type ClientMessage = z.infer<typeof ClientMessage>

/** Most of what is asked for. */
const submit = parserOf(Submit)

/** What a client asks for; `null`: nothing that is known. */
export function readClientMessage(message: unknown): ClientMessage | null {
  const isSubmit = typeof message === 'object' && message !== null && 'do' in message && message.do === 'submit'
  const parsed = isSubmit ? submit.safeParse(message) : ClientMessage.safeParse(message)
  return parsed.success ? parsed.data : null
}
