import { EpochMs, LeaseId, LedgerId, ProcessIdentity, Revision, Token, type RawEntry } from '@holdfast/core'
import * as z from 'zod'

/** Number of the protocol. Both sides must have the same one: what a command means is part of it. */
export const PROTOCOL = 1

/** Commands that one connection may have in flight; waiting requests and streams count apart. */
export const IN_FLIGHT_MAX = 256

/** Waiting requests, and streams, that one connection may have. */
export const LASTING_MAX = 1000

/** How long a hello may take, on either side. */
export const HELLO_WITHIN_MS = 2_000

export const HeadShape = z.union([z.literal('none'), Revision])

/** What a client says first. */
export const ClientHello = z.object({
  hello: z.int(),
  ledger: z.string().min(1),
  /** Recorded as the actor of what it asks for. */
  actor: ProcessIdentity.nullable(),
})
export type ClientHello = z.infer<typeof ClientHello>

/** What a server says first. */
export const ServerHello = z.object({
  hello: z.literal(PROTOCOL),
  process: ProcessIdentity,
  /** `file`: device and inode, where the store is a file. */
  store: z.object({ url: z.string(), file: z.string().nullable() }),
  ledgerId: LedgerId,
  head: HeadShape,
  /** Whose boot clock its instants are on. */
  boot: z.object({ bootId: z.string(), timeNamespace: z.string(), originMs: z.number() }),
})
export type ServerHello = z.infer<typeof ServerHello>

const id = z.int().nonnegative()
/** A server that does not know it decides the same, and records no trace. */
const traceparent = z.string().optional()
const predicates = z.array(z.object({ name: z.string(), allowed: z.boolean(), reason: z.string() })).optional()

/** What a client asks for. Commands are parsed by core. */
export const ClientMessage = z.union([
  z.object({
    id,
    do: z.literal('submit'),
    command: z.looseObject({ type: z.string() }),
    predicates,
    sentAfter: HeadShape,
    /** An instant before the first sending, where both have the same boot clock. */
    sentAtBootMs: z.number().optional(),
    traceparent,
  }),
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
    stream: z.enum(['events', 'leases', 'liveness']),
    after: HeadShape.optional(),
  }),
  z.object({ id, do: z.literal('ask'), question: z.string(), about: z.record(z.string(), z.json()).default({}) }),
  z.object({ cancel: id }),
  z.object({ unwatch: LeaseId }),
  z.object({ ping: z.int() }),
])
export type ClientMessage = z.infer<typeof ClientMessage>

/** A failure as it is told: a `StoreError` by its code, or `invalid-input` with its faults. */
export const Failure = z.object({
  code: z.string(),
  message: z.string(),
  detail: z.string().optional(),
  faults: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})
export type Failure = z.infer<typeof Failure>

/** What a server answers and tells. */
export const ServerMessage = z.union([
  z.object({ id, ok: z.unknown(), head: HeadShape }),
  z.object({ id, error: Failure }),
  z.object({ id, told: z.unknown() }),
  z.object({ entries: z.array(z.custom<RawEntry>()) }),
  z.object({ pong: z.int() }),
  z.object({ bye: z.string() }),
])
export type ServerMessage = z.infer<typeof ServerMessage>

/** What a decided acquire is answered, where it waited. */
export const Waited = z.object({ outcome: z.unknown(), sentAtBootMs: z.number() })
export const ToldRefusal = z.object({ refused: z.unknown(), nowMs: EpochMs })
export const DrainsShape = z.object({ nowMs: EpochMs, untilMs: z.number().nullable() })
export const BeatShape = z.object({ outcome: z.unknown(), isLive: z.boolean() })
