import { EpochMs, HaltEntry, LedgerId, ProcessIdentity, Revision, type RawEntry } from '@holdfast/core'
import * as z from 'zod'
import { PROTOCOL } from './protocol.ts'

const head = z.union([z.literal('none'), Revision])
const id = z.int().nonnegative()

/** What a server says first. */
export const ServerHello = z.object({
  hello: z.literal(PROTOCOL),
  process: ProcessIdentity,
  /** `file`: device and inode, where the store is a file. */
  store: z.object({
    url: z.string(),
    file: z.string().nullable(),
    kind: z.enum(['memory', 'sqlite', 'eventstoredb']).optional(),
    /** Whether the log clock can step; one that is not told of can. */
    clock: z.enum(['steady', 'can-step']).optional(),
  }),
  ledgerId: LedgerId,
  head,
  /** Whose boot clock its instants are on. */
  boot: z.object({ bootId: z.string(), timeNamespace: z.string(), originMs: z.number() }),
})
export type ServerHello = z.infer<typeof ServerHello>

/** A failure as it is told: a `StoreError` by its code, or `invalid-input` with its faults. */
const Failure = z.object({
  code: z.string(),
  message: z.string(),
  detail: z.string().optional(),
  faults: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})
export type Failure = z.infer<typeof Failure>

/** What a server answers and tells, each by the field that it alone has. */
export const ServerMessages = {
  ok: z.object({ id, ok: z.unknown(), head }),
  error: z.object({ id, error: Failure }),
  told: z.object({ id, told: z.unknown() }),
  entries: z.object({ entries: z.array(z.custom<RawEntry>()) }),
  pong: z.object({ pong: z.int(), head: head.optional() }),
  bye: z.object({ bye: z.string() }),
} as const
export type ServerMessage = z.infer<(typeof ServerMessages)[keyof typeof ServerMessages]>

/** What a decided acquire is answered, where it waited. */
export const Waited = z.object({ outcome: z.unknown(), sentAtBootMs: z.number() })
export const ToldRefusal = z.object({ refused: z.unknown(), nowMs: EpochMs })
export const DrainsShape = z.object({ nowMs: EpochMs, untilMs: z.number().nullable() })
export const BeatShape = z.object({ outcome: z.unknown(), isLive: z.boolean() })
/** What came of a command: the answer of the command line, and what else its sender says. */
export const ToldShape = z.object({ answer: z.looseObject({}), nowMs: EpochMs, kinds: z.array(z.string()) })

/** The HALTs that a watched lease has still to obey. */
export const PendingHalts = z.array(HaltEntry)
