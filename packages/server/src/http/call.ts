import { randomUUID } from 'node:crypto'
import { CommandId, type EpochMs } from '@holdfast/core'
import { tracedActor } from '@holdfast/core/internal'
import { identify, thisProcess } from '@holdfast/engine'
import type { HostedLedger } from '@holdfast/engine/served'
import type { Head } from '@holdfast/store'
import type { AtMoment, Surroundings } from '../answers/lease-steps.ts'
import type { AnsweredLedger } from '../answers/answered-ledger.ts'
import type { Asker } from '../asker.ts'
import type { ServedLedger } from '../hosted-ledgers.ts'
import { mayStandAfter, repeatableId } from '../repeats.ts'
import type { Grant } from '../tokens/rights.ts'
import { RequestLine } from './request-line.ts'

/** One command as it came by HTTP. */
export interface Call {
  readonly served: ServedLedger
  readonly ledger: string
  readonly store: string
  readonly grant: Grant
  /** Whether that still holds. */
  readonly isGranted: () => boolean
  readonly gone: AbortSignal
  /** The `traceparent` of the request; `null`: none, or none that is valid. */
  readonly traceparent: string | null
  readonly operation: string
  /** The `Idempotency-Key`. */
  readonly key: string | null
  /** The body, for whoever sends another one under the same key. */
  readonly body: string
  /** How long it waits in line; `null`: not at all. */
  readonly waitMs: number | null
  /** Runs what lasts. */
  readonly lasting: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>
}

/** Who is recorded: this process, which writes it, and on whose behalf. */
export function askerOf({ grant, isGranted, gone, traceparent }: Call): Asker {
  const actor = { ...thisProcess(), token: grant.name }
  return { actor: tracedActor(actor, traceparent ?? undefined), gone, stillMay: isGranted }
}

/** The id of a command: under a key it is the same for each repeat of the same request by the same token. */
export function commandIdOf({ key, grant, ledger, operation, body }: Call): CommandId {
  if (key === null) return CommandId.parse(randomUUID())
  return repeatableId([grant.name, ledger, operation, key, body])
}

/** From where on the log is looked through for a command that may have been done before. */
export function sentAfterOf({ key, served }: Call): Head | undefined {
  return key === null ? undefined : mayStandAfter(served.handlers.head)
}

/** The ledger as an answer tells of it. */
export function answeredLedger({ ledger: { ledgerId, head, state } }: HostedLedger): AnsweredLedger {
  return { ledgerId, head, made: false, state }
}

/** Where next steps are looked for. `words`: the command line that asks for the same. */
export function surroundingsOf(
  { served, store, ledger }: Call,
  {
    words,
    asker,
    nowMs,
  }: { readonly words: readonly string[]; readonly asker: string | null; readonly nowMs: EpochMs },
): Surroundings & AtMoment {
  const typed = new RequestLine(words, { store, ledger })
  const { state } = served.hosted.ledger
  return { state, moment: { nowMs }, typed, asker, here: identify(process.pid) }
}
