import type { ProcessIdentity } from '@holdfast/core'
import { parseTraceparent, tracedActor } from '@holdfast/core/internal'
import { tellServer, thisProcess, type SentBefore, type TellWish, type Told } from '@holdfast/engine/lean'
import { checkLedgerId, type WhichLedger } from '@holdfast/engine/which-ledger'
import { atPlace } from '@holdfast/server/answers'
import { storeUrlOf } from '@holdfast/store/internal'
import { environment } from '../input/environment.ts'
import type { Shell } from './shell.ts'

/** An answer as it is told, with what else its sender says. */
export interface ToldAnswer<A> extends Omit<Told, 'answer'> {
  readonly answer: A
}

/** `null`: nobody was asked. `lost`: somebody was, and the store knows what came of it. */
export type ByServer<A> = { readonly told: ToldAnswer<A> } | { readonly lost: SentBefore } | null

/**
 * What the server of the ledger that is meant makes of a command, so that no store is opened here. `isAnswer` looks at the
 * word of the answer: a server that greets by this protocol runs this very code.
 */
export async function toldByServer<A extends object>(
  shell: Shell,
  command: TellWish['command'],
  isAnswer: (answer: object) => answer is A,
): Promise<ByServer<A>> {
  const { which } = shell
  if (!mayBeTold(shell, which)) return null
  const store = await storeUrlOf(which.url)
  const asked = await tellServer({
    store,
    ledger: shell.globals.ledger,
    actor: actor(),
    command,
    about: { words: shell.typed.words, place: shell.typed.placeFlags(), at: atPlace(which, store) },
    demandMeant: ledgerId => checkLedgerId({ ledgerId, url: store }),
  })
  if (asked === null || 'lost' in asked) return asked
  const {
    sent,
    told: { answer, ...told },
  } = asked
  if (isBlocked(answer)) throw new Error(answer.message)
  if (isAnswer(answer)) return { told: { ...told, answer } }
  return { lost: sent }
}

/** A ledger in a file that is there. Any other is made, or asked, by the engine. */
function mayBeTold({ globals }: Shell, { url, exists }: WhichLedger): boolean {
  return globals.server !== false && exists === true && /^sqlite:/i.test(url)
}

function actor(): ProcessIdentity {
  const traceparent = parseTraceparent(environment('TRACEPARENT') ?? '') ?? undefined
  return tracedActor(thisProcess(), traceparent) ?? thisProcess()
}

function isBlocked(answer: object): answer is { readonly message: string } {
  return (
    'outcome' in answer && answer.outcome === 'blocked' && 'message' in answer && typeof answer.message === 'string'
  )
}
