import type { Command, EpochMs, LedgerId, ProcessIdentity } from '@holdfast/core'
import { systemTimers } from '../clock/timers.ts'
import { findServer } from './find-server.ts'
import { LinkLost } from './link-lost.ts'
import { ToldShape } from './messages-shapes.ts'
import { readBy } from './read-shape.ts'
import type { SentBefore } from './sent-before.ts'

/** What is asked for at once: to decide a command and to say what came of it, in the form of the answers. */
export interface TellWish {
  /** The URL that the store goes by once it is open. Nothing is opened here. */
  readonly store: string
  readonly ledger: string
  readonly actor: ProcessIdentity | null
  readonly command: Extract<Command, { readonly type: 'acquire' | 'heartbeat' | 'release' }>
  /** What the answer is made with besides; the server reads it. */
  readonly about: Readonly<Record<string, unknown>>
  /** Throws for a ledger that is not meant. Nothing is sent to it. */
  readonly demandMeant: (ledgerId: LedgerId) => void
}

/** What a server says came of a command. */
export interface Told {
  readonly answer: object
  /** When the answer was given, by the log clock. */
  readonly nowMs: EpochMs
  /** Names of the kinds that the ledger gives a budget. */
  readonly kinds: readonly string[]
}

/** `sent`: for whoever cannot read what is told. */
export type ToldOrLost = { readonly told: Told; readonly sent: SentBefore } | { readonly lost: SentBefore }

/**
 * Has the server of a store decide a command and make its answer, so that the sender opens no store. `null`: no server
 * answers, and nothing was sent. `lost`: it was sent, and nobody knows what came of it; it is asked for again at the store
 * under the same id. Rejects with the error that the server gave.
 */
export async function tellServer(wish: TellWish): Promise<ToldOrLost | null> {
  const { store, ledger, actor, command, about, demandMeant } = wish
  // The file that lies there now says which store is meant; which ledger that is, its server knows.
  const link = await findServer({ store, ledger, ledgerId: null, actor, timers: systemTimers })
  if (link === null) return null
  const { ledgerId, head } = link.hello
  const sent = { ledgerId, commandId: command.commandId, sentAfter: head }
  try {
    demandMeant(ledgerId)
    const { ok } = await link.tell(command, head, about)
    return { told: readBy(ToldShape, ok), sent }
  } catch (error) {
    if (!(error instanceof LinkLost)) throw error
    return { lost: sent }
  } finally {
    link.close()
  }
}
