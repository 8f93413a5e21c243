import * as z from 'zod'
import { InTheWay, told } from './told.ts'

/** Longest names and lists that are taken; the ledger has bounds of its own below these. */
const NAME_MAX = 512
const LIST_MAX = 64
const REASON_MAX = 2_000
const REQUEST_ID_MAX = 100

/** Longest wait of one call. */
export const WAIT_MAX_S = 300

const name = z.string().min(1).max(NAME_MAX)
const list = z.array(name).max(LIST_MAX)
const detail = z.enum(['short', 'full']).optional()
const requestId = z.string().min(1).max(REQUEST_ID_MAX)
const seconds = z.int().min(0).max(WAIT_MAX_S)

const place = { paths: list.optional(), globs: list.optional(), lane: name.optional() }

const Claim = z.strictObject({
  ...place,
  request_id: requestId,
  wait_seconds: seconds.optional(),
  ttl_seconds: z.int().min(1).optional(),
  shared: z.boolean().optional(),
  reason: z.string().max(REASON_MAX).optional(),
  detail,
})
export type ClaimInput = z.infer<typeof Claim>

const Release = z.strictObject({ lease: name, request_id: requestId, reason: z.string().max(REASON_MAX).optional() })
export type ReleaseInput = z.infer<typeof Release>

const Check = z.strictObject({ paths: list.min(1), detail })
export type CheckInput = z.infer<typeof Check>

const Wait = z.strictObject({ ...place, seconds: seconds.optional() })
export type WaitInput = z.infer<typeof Wait>

const Detail = z.strictObject({ detail })
export type DetailInput = z.infer<typeof Detail>

const Why = z.strictObject({ about: name, detail })
export type WhyInput = z.infer<typeof Why>

const Explain = z.strictObject({ topic: name.optional() })

const READS = { readOnlyHint: true, openWorldHint: false } as const

/** What clients are told of each tool. Every word is read by every agent at every start: keep them few. */
export const TOOLS = {
  claim: {
    description:
      'Lease files (paths), globs or a lane before you write. request_id: your name for this claim; repeat it if the answer got lost.',
    inputSchema: Claim,
    outputSchema: z.object({
      outcome: z.enum(['granted', 'refused', 'ended', 'busy']),
      lease: z.string().optional(),
      seconds: z.int().optional(),
      until: z.string().optional(),
      in_the_way: z.array(InTheWay).optional(),
      ...told,
    }),
    annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  },
  release: {
    description: 'Give up a lease of yours when you are done.',
    inputSchema: Release,
    outputSchema: z.object({ outcome: z.enum(['released', 'not-held', 'refused', 'busy']), ...told }),
    annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  },
  check: {
    description: 'May I write these files now?',
    inputSchema: Check,
    outputSchema: z.object({
      allowed: z.boolean(),
      paths: z.array(z.looseObject({ path: z.string(), allowed: z.boolean(), because: z.string() })),
      ...told,
    }),
    annotations: READS,
  },
  wait: {
    description: 'Wait until something is free. Holds nothing.',
    inputSchema: Wait,
    outputSchema: z.object({
      free: z.boolean(),
      in_the_way: z.array(InTheWay).optional(),
      until: z.string().optional(),
      ...told,
    }),
    annotations: READS,
  },
  status: {
    description: 'Who am I, what do I hold, who works where?',
    inputSchema: Detail,
    outputSchema: z.object({
      holder: z.string(),
      holding: z.array(z.object({ lease: z.string(), covers: z.string(), seconds: z.int() })),
      others: z.array(z.object({ lease: z.string(), holder: z.string(), covers: z.string(), until: z.string() })),
      ...told,
    }),
    annotations: READS,
  },
  why: {
    description: 'Why is a lane, a lease (x@12) or an event (r12) as it is?',
    inputSchema: Why,
    outputSchema: z.object({ lines: z.array(z.string()), ...told }),
    annotations: READS,
  },
  halt_requests: {
    description: 'Who is asked to stop: I?',
    inputSchema: Detail,
    outputSchema: z.object({
      requests: z.array(
        z.object({
          yours: z.boolean(),
          lease: z.string(),
          holder: z.string(),
          reason: z.string(),
          since: z.string(),
        }),
      ),
      ...told,
    }),
    annotations: READS,
  },
  explain: {
    description: 'What does a word or code of an answer mean? Without topic: how to begin.',
    inputSchema: Explain,
    outputSchema: z.object({ text: told.text, next: told.next }),
    annotations: READS,
  },
} as const
