import {
  parseCommand,
  type CommandInput,
  type EpochMs,
  type HaltEntry,
  type LeaseId,
  type LogEntry,
  type Outcome,
  type PredicateVerdict,
  type Refused,
  type Token,
} from '@holdfast/core'
import { parseTraceparent } from '@holdfast/core/internal'
import { InputError, type QueueFull } from '@holdfast/engine'
import { isServed, type Drains, type HostedLedger, type ServedType, type Told } from '@holdfast/engine/served'
import { StoreError, type Head, type StoreCheck } from '@holdfast/store'
import type { Asker } from './asker.ts'
import { LeaseWatch } from './lease-watch.ts'
import { answerTo } from './questions.ts'
import { followStore, readStore, type ReadAsked } from './store-reads.ts'
import { tell } from './tell.ts'
import { followEvents, followLeases, followVerdicts, type Follower } from './streams.ts'

/** How long a guard stays closed whose lease this server does not know: the next beat says what became of it. */
const UNKNOWN_LEASE_MS = 1_000

export interface Submitted {
  readonly predicates?: readonly PredicateVerdict[] | undefined
  /** The newest revision that was known before the command was first sent. */
  readonly sentAfter?: Head | undefined
  /** An instant before that, on this host's boot clock. */
  readonly sentAtBootMs?: number | undefined
  /** The trace that it belongs to. One that is none is not recorded: a command is not refused for that. */
  readonly traceparent?: string | undefined
}

export interface Waiting {
  readonly spanMs: number
  readonly predicates?: readonly PredicateVerdict[] | undefined
  readonly traceparent?: string | undefined
  /** Ends the wait: it was cancelled. */
  readonly signal: AbortSignal
  readonly onRefused: (refused: Refused, nowMs: EpochMs) => void
}

/**
 * What can be done with one ledger, whatever door the request came through. Everything is plain data; what is asked for is
 * parsed here. Rejects with an `InputError` for what cannot be understood, and with a `StoreError`.
 */
export class LedgerHandlers {
  readonly #hosted: HostedLedger
  readonly #watch: LeaseWatch
  /** Aborts when the server ends: waiters give up. */
  readonly #closing: AbortSignal
  #checking: Promise<readonly StoreCheck[]> | null = null

  constructor(hosted: HostedLedger, closing: AbortSignal) {
    this.#hosted = hosted
    this.#watch = new LeaseWatch(hosted)
    this.#closing = closing
  }

  get head(): Head {
    return this.#hosted.ledger.head
  }

  /** Decides a command and answers when it is durable. A beat is answered with whether it confirms the lease. */
  async submit(given: Given, { predicates, ...sent }: Submitted, asker: Asker): Promise<object> {
    const sender = senderOf(asker, sent)
    const { type } = given
    if (type === 'heartbeat') return this.#hosted.commands.beat(this.#parsed('heartbeat', given), sender)
    if (!isServed(type)) throw notServed(type)
    return this.#hosted.commands.submit<ServedType>(this.#parsed(type, given), predicates, sender)
  }

  /** The same, answered as the command line answers. */
  tell(
    given: Given,
    { about, sentAfter }: { readonly about: unknown; readonly sentAfter: Head },
    asker: Asker,
  ): Promise<Told> {
    const submit = (command: Given) => this.submit(command, { sentAfter }, asker)
    return tell(this.#hosted, given, about, { submit, asker })
  }

  /** Asks for a lease until it is granted, the span is over, it is cancelled, or nobody is there any more. */
  async wait(
    given: Given,
    { signal, traceparent, ...limits }: Waiting,
    asker: Asker,
  ): Promise<{ readonly outcome: Outcome | QueueFull; readonly sentAtBootMs: number | null }> {
    const command = this.#parsed('acquire', given)
    if (command.requestId === undefined) {
      throw new InputError([
        { path: 'requestId', message: 'a request that waits needs one, so that it can be asked again' },
      ])
    }
    const ends = AbortSignal.any([signal, asker.gone, this.#closing])
    const waiting = { ...limits, signal: ends }
    return this.#hosted.commands.acquireWaiting(command, waiting, senderOf(asker, { traceparent }))
  }

  /** What keeps the guard of a lease closed, as of the newest revision. */
  async drains(leaseId: LeaseId, token: Token): Promise<Drains> {
    const lease = (await this.#hosted.ledger.refresh()).leases.get(leaseId)
    if (lease?.token === token) return this.#hosted.commands.drains(lease)
    const nowMs = await this.#hosted.ledger.now()
    return { nowMs, untilMs: nowMs + UNKNOWN_LEASE_MS }
  }

  watch(leaseId: LeaseId, token: Token, tell: (entries: readonly LogEntry[]) => void): Promise<readonly HaltEntry[]> {
    return this.#watch.watch(leaseId, token, tell)
  }

  unwatch(leaseId: LeaseId, tell: (entries: readonly LogEntry[]) => void): void {
    this.#watch.unwatch(leaseId, tell)
  }

  ask(question: string, about: unknown): Promise<object> {
    return answerTo(this.#hosted, question, about)
  }

  /** Gives a piece of the log, as the store has it. */
  read(asked: ReadAsked, follower: Follower): Promise<void> {
    return readStore(this.#hosted.ledger, asked, follower)
  }

  /** What the store says of the ledger. */
  async store(what: 'now' | 'head' | 'archive' | 'check'): Promise<object> {
    const { store, stream } = this.#hosted.ledger
    switch (what) {
      case 'now':
        return { nowMs: await store.now(stream) }
      case 'head':
        return { head: await store.head(stream) }
      case 'archive':
        return store.archive(stream)
      case 'check': {
        // It reads everything: whoever asks meanwhile is given the same.
        this.#checking ??= store.check(stream).finally(() => (this.#checking = null))
        return { checks: await this.#checking }
      }
    }
  }

  /** Gives a stream to `follower` until it has enough. */
  follow(stream: 'events' | 'leases' | 'liveness' | 'log', after: Head, follower: Follower): Promise<void> {
    const { ledger } = this.#hosted
    switch (stream) {
      case 'events':
        return followEvents(ledger, after, follower)
      case 'leases':
        return followLeases(ledger, follower)
      case 'liveness':
        return followVerdicts(ledger, follower)
      case 'log':
        return followStore(ledger, after, follower)
    }
  }

  #parsed<T extends ServedType>(type: T, given: Given) {
    // The schema decides whether it is one.
    const input = { ...given, type } as Extract<CommandInput, { readonly type: T }>
    const parsed = parseCommand<T>(input, this.#hosted.ledger.config)
    if (!parsed.ok) throw new InputError(parsed.faults)
    return parsed.command
  }
}

type Given = Readonly<Record<string, unknown>> & { readonly type: string }

function senderOf({ actor, gone, stillMay }: Asker, { sentAfter, sentAtBootMs, traceparent = '' }: Submitted) {
  const trace = parseTraceparent(traceparent) ?? undefined
  return { actor, sentAfter, sentAtBootMs, traceparent: trace, isGone: () => gone.aborted || stillMay?.() === false }
}

function notServed(type: string): StoreError {
  return new StoreError('invalid', `A server does not decide ${JSON.stringify(type.slice(0, 64))}: do it at the store.`)
}
