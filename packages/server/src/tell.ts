import { Token, type AcquireOutcome, type HeartbeatOutcome, type ReleaseOutcome } from '@holdfast/core'
import { InputError, type QueueFull } from '@holdfast/engine'
import type { HostedLedger, Told } from '@holdfast/engine/served'
import { continuesAt } from '@holdfast/store/internal'
import * as z from 'zod'
import { acquireAnswer } from './answers/acquire-answer.ts'
import type { AnsweredLedger } from './answers/answered-ledger.ts'
import { haltToConfirm } from './answers/halt-to-confirm.ts'
import { heartbeatAnswer, releaseAnswer } from './answers/held-lease-answer.ts'
import type { AtMoment, Surroundings } from './answers/lease-steps.ts'
import { atPlace } from './answers/schemas/at-ledger.ts'
import type { Asker } from './asker.ts'
import { SentLine } from './sent-line.ts'

/** What an answer is made with besides the outcome. */
const About = z.object({
  /** The line as it was typed, and the flags that name its ledger where it was. */
  words: z.array(z.string()),
  place: z.record(z.string(), z.union([z.string(), z.literal(true)])),
  at: z.object(atPlace),
})

const Command = {
  acquire: z.looseObject({
    type: z.literal('acquire'),
    holder: z.string(),
    claims: z.array(z.looseObject({ lane: z.string() })).min(1),
  }),
  held: z.looseObject({ type: z.enum(['heartbeat', 'release']), holder: z.string(), lane: z.string(), token: Token }),
} as const

type Given = Readonly<Record<string, unknown>> & { readonly type: string }

interface Telling {
  /** Decides a command for whoever asks, as any other. */
  readonly submit: (command: Given) => Promise<object>
  readonly asker: Asker
}

/**
 * Decides a command and makes its answer, as the command line makes it at the file: whoever asks has opened no store.
 * Rejects with `moved` for a ledger that continues elsewhere.
 */
export async function tell(hosted: HostedLedger, command: Given, about: unknown, telling: Telling): Promise<Told> {
  const { ledger } = hosted
  const { words, place, at } = read(About, about)
  const { movedTo } = await ledger.refresh()
  if (movedTo !== null) throw continuesAt(ledger.url, movedTo)
  const around = async (asker: string): Promise<Surroundings & AtMoment> => ({
    state: ledger.state,
    moment: { nowMs: await ledger.now() },
    typed: new SentLine(words, place),
    asker,
    here: telling.asker.actor,
  })
  const answer = await answered(hosted, command, { at, around, submit: telling.submit })
  return { answer: answer.answer, nowMs: answer.nowMs, kinds: Object.keys(ledger.config.kinds) }
}

interface Answering extends Pick<Telling, 'submit'> {
  readonly at: z.infer<typeof About>['at']
  readonly around: (asker: string) => Promise<Surroundings & AtMoment>
}

async function answered(
  hosted: HostedLedger,
  command: Given,
  { at, around, submit }: Answering,
): Promise<Pick<Told, 'answer' | 'nowMs'>> {
  if (command.type === 'acquire') {
    const { holder, claims } = read(Command.acquire, command)
    // The handler answers an acquire with an outcome of one.
    const outcome = (await submit(command)) as AcquireOutcome | QueueFull
    if (outcome.outcome === 'blocked') return blocked(outcome, await around(holder))
    const surroundings = await around(holder)
    const { nowMs } = surroundings.moment
    const refused = { ...surroundings, op: 'acquire', lane: claims[0]?.lane ?? '' } as const
    return { answer: acquireAnswer(outcome, { ledger: seen(hosted), place: at, refused, nowMs }), nowMs }
  }
  const { type: op, holder, lane, token } = read(Command.held, command)
  if (op === 'heartbeat') {
    // The handler answers a beat with its outcome and what it confirms.
    const { outcome } = (await submit(command)) as { readonly outcome: HeartbeatOutcome | QueueFull }
    const surroundings = await around(holder)
    if (outcome.outcome === 'blocked') return blocked(outcome, surroundings)
    const asked = { ...surroundings, op, lane, token } as const
    return { answer: heartbeatAnswer(outcome, seen(hosted), asked), nowMs: asked.moment.nowMs }
  }
  const halt = haltToConfirm(hosted.ledger.state, { lane, token }, await hosted.ledger.now())
  const confirming = halt === undefined ? command : { ...command, causation: halt.eventId }
  // The handler answers a release with an outcome of one.
  const outcome = (await submit(confirming)) as ReleaseOutcome | QueueFull
  const surroundings = await around(holder)
  if (outcome.outcome === 'blocked') return blocked(outcome, surroundings)
  const asked = { ...surroundings, op, lane, token } as const
  return { answer: releaseAnswer(outcome, seen(hosted), asked), nowMs: asked.moment.nowMs }
}

/** No answer: the sender fails with it as at the file. */
function blocked({ message }: { readonly message: string }, { moment }: AtMoment): Pick<Told, 'answer' | 'nowMs'> {
  return { answer: { outcome: 'blocked', message }, nowMs: moment.nowMs }
}

function seen({ ledger: { ledgerId, head, state } }: HostedLedger): AnsweredLedger {
  return { ledgerId, head, made: false, state }
}

function read<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  throw new InputError(parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })))
}
