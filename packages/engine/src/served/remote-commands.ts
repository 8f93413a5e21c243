import {
  traceparentOf,
  type AcquireCommand,
  type CheckpointCommand,
  type HeartbeatCommand,
} from '@holdfast/core/internal'
import type {
  AcquireOutcome,
  CheckpointOutcome,
  Command,
  Lease,
  LeaseId,
  OutcomeOf,
  PredicateVerdict,
} from '@holdfast/core'
import { StoreError, type Head } from '@holdfast/store'
import type { Beat, Commands, DecidedHere, Drains, LeaseListener } from '../ledger/commands.ts'
import type { LedgerParts } from '../ledger/ledger-parts.ts'
import type { Sent, WaitLimits } from '../ledger/wait-limits.ts'
import type { QueueFull } from '../pipeline/queue-full.ts'
import type { CommandOptions } from '../pipeline/sender.ts'
import { isAfter } from './head-order.ts'
import { LinkCommands, type FirstSent } from './link-commands.ts'
import { AnswerTooLong, LinkLost, RequestTooLong } from './link-lost.ts'
import type { ServerLink } from './link.ts'
import { isServed } from './outcome-of.ts'
import type { RemoteConnection } from './remote-connection.ts'

/** How long one attempt to stand again lasts, with its pauses, before it is looked whether anybody still needs it. */
const STAND_AGAIN_MS = 10_000

/**
 * Commands that a server by HTTP decides: there is no store to go on by. What was asked for when a link was lost is asked for
 * again, under the same id and with what was known before its first sending, at whichever server answers there.
 */
export class RemoteCommands implements Commands {
  readonly #parts: LedgerParts
  readonly #own: DecidedHere
  readonly #connection: RemoteConnection
  /** Whether the state is read on through each answer. */
  readonly #readsBack: boolean
  readonly #watched = new Map<LeaseId, { readonly lease: Lease; count: number }>()
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #trace: string | undefined
  #listener: LeaseListener | null = null
  #told: Head
  #closed = false
  #isStanding = false

  constructor(
    own: DecidedHere,
    parts: LedgerParts,
    connection: RemoteConnection,
    { readsBack }: { readsBack: boolean },
  ) {
    this.#own = own
    this.#parts = parts
    this.#connection = connection
    this.#readsBack = readsBack
    this.#told = parts.fold.after
    this.#trace = (parts.actor === null ? null : traceparentOf(parts.actor)) ?? undefined
    connection.actAs(parts.actor)
    connection.onLink(link => this.#attach(link))
    const { standing } = connection
    if (standing !== null) this.#attach(standing)
  }

  /** It puts nothing into the log by itself. */
  get hasWritten(): boolean {
    return false
  }

  get queued(): number {
    return this.#underWay.size
  }

  /** The newest of what was read and what the server has told. */
  get known(): Head {
    const heads = [this.#told, this.#parts.fold.after, this.#connection.standing?.head ?? 'none']
    return heads.reduce((newest, head) => (isAfter(head, newest) ? head : newest))
  }

  submit<T extends Command['type']>(
    command: Extract<Command, { readonly type: T }>,
    predicates?: readonly PredicateVerdict[],
    options: CommandOptions = {},
  ): Promise<OutcomeOf[T] | QueueFull> {
    if (!isServed(command.type)) return Promise.reject(notByHttp(command.type, this.#connection))
    return this.#counted(
      this.#untilAnswered(command.type, (at, sent) =>
        at.submit<T>(command, { predicates, sent, ...this.#traced(options) }),
      ),
    )
  }

  checkpoint(_command: CheckpointCommand): Promise<CheckpointOutcome | QueueFull> {
    return Promise.reject(notByHttp('checkpoint', this.#connection))
  }

  beat(command: HeartbeatCommand, options: CommandOptions = {}): Promise<Beat> {
    return this.#counted(
      this.#untilAnswered('heartbeat', (at, sent) => at.beat(command, { sent, ...this.#traced(options) })),
    )
  }

  acquireWaiting(
    command: AcquireCommand,
    limits: WaitLimits,
    options: CommandOptions = {},
  ): Promise<Sent<AcquireOutcome | QueueFull>> {
    const { boot } = this.#parts
    const untilBootMs = boot.nowMs() + limits.spanMs
    const leftMs = (): number => Math.max(0, untilBootMs - boot.nowMs())
    // Its request id makes it the same request, whoever is asked.
    return this.#untilAnswered(
      'acquire',
      at => at.wait(command, { ...limits, spanMs: leftMs() }, this.#traced(options)),
      { spanMs: () => Math.max(this.#connection.withinMs, leftMs()), signal: limits.signal },
    )
  }

  drains(lease: Lease): Promise<Drains> {
    return this.#untilAnswered('drains', at => at.drains(lease))
  }

  watch(lease: Lease, listener: LeaseListener): void {
    this.#listener = listener
    const known = this.#watched.get(lease.leaseId)
    this.#watched.set(lease.leaseId, { lease, count: (known?.count ?? 0) + 1 })
    const { standing } = this.#connection
    if (standing === null) void this.#standAgain()
    else void this.#watchAt(standing, lease)
  }

  unwatch({ leaseId }: Lease): void {
    const known = this.#watched.get(leaseId)
    if (known === undefined) return
    known.count -= 1
    if (known.count > 0) return
    this.#watched.delete(leaseId)
    this.#connection.standing?.unwatch(known.lease)
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#underWay)
    await this.#own.close()
    this.#connection.close()
  }

  /** Asks until somebody answers, or the span is over. What may have been done by then is unknown. */
  async #untilAnswered<O>(
    what: string,
    ask: (at: LinkCommands, sent: FirstSent) => Promise<O>,
    limits: { readonly spanMs: () => number; readonly signal?: AbortSignal | undefined } | null = null,
  ): Promise<O> {
    const { boot } = this.#parts
    const untilBootMs = boot.nowMs() + this.#connection.withinMs
    const leftMs = limits?.spanMs ?? (() => untilBootMs - boot.nowMs())
    let sent: FirstSent | null = null
    for (;;) {
      const link = await this.#reached(leftMs(), { what, wasSent: sent !== null, signal: limits?.signal })
      sent ??= { sentAfter: this.known, sentAtBootMs: boot.nowMs() }
      try {
        return await ask(new LinkCommands(link, { boot, heard: this.#heard }), sent)
      } catch (error) {
        if (!(error instanceof LinkLost)) throw error
        if (error instanceof RequestTooLong) throw new StoreError('invalid', `The ${what} is too large to be sent.`)
        if (error instanceof AnswerTooLong) throw unknownOutcome(what, error)
        // A server that ends, or has another store now, decides nothing any more.
        if (!link.isLost) this.#connection.drop(link)
      }
    }
  }

  async #reached(
    spanMs: number,
    {
      what,
      wasSent,
      signal,
    }: { readonly what: string; readonly wasSent: boolean; readonly signal: AbortSignal | undefined },
  ): Promise<ServerLink> {
    try {
      return await this.#connection.link(spanMs, signal)
    } catch (error) {
      throw wasSent && what !== 'drains' ? unknownOutcome(what, error) : error
    }
  }

  #traced(options: CommandOptions): CommandOptions {
    return { traceparent: options.traceparent ?? this.#trace }
  }

  readonly #heard = async (head: Head): Promise<void> => {
    if (isAfter(head, this.#told)) this.#told = head
    if (!this.#readsBack || !isAfter(head, this.#parts.fold.after)) return
    const { store, stream, fold } = this.#parts
    const { after } = fold
    try {
      for await (const entries of store.read(stream, after === 'none' ? {} : { from: after })) fold.absorb(entries)
    } catch {
      // What was decided stands, whether or not it can be read now. Who reads next hears of what fails.
    }
  }

  #counted<O>(asked: Promise<O>): Promise<O> {
    const settled = asked.finally(() => this.#underWay.delete(settled))
    this.#underWay.add(settled)
    return settled
  }

  /** What happened to a lease since its token is told to whoever begins to watch it: nothing is missed between two links. */
  #attach(link: ServerLink): void {
    if (isAfter(link.head, this.#told)) this.#told = link.head
    link.onEntries(entries => this.#listener?.entries(entries))
    link.onLost(() => {
      if (this.#watched.size > 0) void this.#standAgain()
    })
    for (const { lease } of this.#watched.values()) void this.#watchAt(link, lease)
  }

  /** A holder has to hear what becomes of its lease, also where it asks for nothing. */
  async #standAgain(): Promise<void> {
    if (this.#isStanding) return
    this.#isStanding = true
    while (!this.#closed && this.#watched.size > 0 && this.#connection.standing === null) {
      // A token that is not good any more ends it: the guard closes by its own deadline.
      const isHopeless = await this.#connection.link(STAND_AGAIN_MS).then(
        () => false,
        (error: unknown) =>
          !(error instanceof StoreError && error.code === 'unavailable' && error.detail === undefined),
      )
      if (isHopeless) break
    }
    this.#isStanding = false
  }

  async #watchAt(link: ServerLink, lease: Lease): Promise<void> {
    try {
      const { boot } = this.#parts
      const pending = await new LinkCommands(link, { boot, heard: async () => {} }).watch(lease)
      this.#listener?.pending(lease, pending)
    } catch {
      // The link is lost, and another one watches; or the lease is no longer known, which its next beat tells.
    }
  }
}

function unknownOutcome(what: string, cause: unknown): StoreError {
  const why = cause instanceof Error ? cause.message : String(cause)
  const message = `Whether the ${what} was done is not known: the connection was lost before the answer. ${why} Ask again with the same request id, or read what holds now.`
  return new StoreError('timeout-unknown-outcome', message, { cause })
}

function notByHttp(type: string, { url }: RemoteConnection): StoreError {
  return new StoreError(
    'invalid',
    `The server at ${url} does not decide a ${type} by HTTP: do it on its host, at the store.`,
  )
}
