import { parseDuration } from '@holdfast/engine/lean'
import * as z from 'zod'

/** Rules of one configuration. */
export const RULES_MAX = 32

/** How long a command, or one attempt of a webhook, may take: unless told otherwise, and at most. */
const TIME_LIMIT = '10s'
const TIME_LIMIT_MAX_MS = 5 * 60_000

/** What a rule may be told of, beside `refused-for SPAN`. */
export const PLAIN_KINDS = ['spinning', 'stalled', 'orphan', 'halt-overdue', 'lease-lost', 'expired'] as const
export type PlainKind = (typeof PLAIN_KINDS)[number]
export type NoticeKind = PlainKind | 'refused-for'

const REFUSED_FOR = 'refused-for '

const NOT_A_SPAN = 'write a span like 90s, 5m or 1h30m'

/** The span in ms; `null`: it is none. */
function spanOf(text: string): number | null {
  try {
    return parseDuration(text, 'span')
  } catch {
    return null
  }
}

const Trigger = z.union([
  z.enum(PLAIN_KINDS),
  z
    .string()
    .regex(/^refused-for \S+$/)
    .refine(text => (spanOf(text.slice(REFUSED_FOR.length)) ?? 0) > 0, `refused-for: ${NOT_A_SPAN}`),
])

/** Where something stands that may not stand in a configuration. */
const Source = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ variable: z.string().regex(/^[A-Za-z_]\w*$/, 'the name of an environment variable') }),
])
export type Source = z.infer<typeof Source>

const Webhook = z.strictObject({
  /** An address of http or https; where it is itself a secret, say where it stands. */
  url: z.union([z.string().min(1), Source]),
  /** What the body is signed with: the bytes of a text, or `whsec_` and Base64. */
  secret: Source.optional(),
})
export type Webhook = z.infer<typeof Webhook>

const patterns = z.array(z.string().min(1)).min(1).optional()

/** One rule: what it is told of, whose, and what is done with it. */
export const NotifyRule = z
  .strictObject({
    on: z.array(Trigger).min(1),
    /** Lanes and holders by name; `*` stands for any characters. Default: all. */
    lanes: patterns,
    holders: patterns,
    /** Names of ledgers of the store. Default: the one that `serve` was started for. */
    ledgers: patterns,
    /** Program and arguments, started without a shell. */
    command: z.array(z.string()).min(1).optional(),
    webhook: Webhook.optional(),
    /** Of the command, or of each attempt of the webhook. */
    timeLimit: z
      .string()
      .refine(text => {
        const spanMs = spanOf(text) ?? 0
        return spanMs > 0 && spanMs <= TIME_LIMIT_MAX_MS
      }, `${NOT_A_SPAN}, at most 5m`)
      .default(TIME_LIMIT),
  })
  .refine(({ command, webhook }) => (command === undefined) !== (webhook === undefined), {
    error: 'a rule has either a command or a webhook',
    path: ['command'],
  })
export type NotifyRule = Readonly<z.infer<typeof NotifyRule>>

/** The rules by their names. */
export const NotifyRules = z
  .record(z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/), NotifyRule)
  .refine(rules => Object.keys(rules).length <= RULES_MAX, `at most ${RULES_MAX} rules`)
export type NotifyRules = Readonly<z.infer<typeof NotifyRules>>

/** What a trigger means. `spanMs` of `refused-for` alone. */
export interface Asked {
  readonly kind: NoticeKind
  readonly spanMs: number | null
}

export function askedBy(trigger: string): Asked {
  const plain = PLAIN_KINDS.find(kind => kind === trigger)
  return plain === undefined
    ? { kind: 'refused-for', spanMs: spanOf(trigger.slice(REFUSED_FOR.length)) }
    : { kind: plain, spanMs: null }
}

export function timeLimitMs({ timeLimit }: NotifyRule): number {
  return parseDuration(timeLimit, 'timeLimit')
}
