import type { AcquireCommand, CheckpointCommand, HeartbeatCommand } from '@holdfast/core/internal'
import type {
  AcquireOutcome,
  CheckpointOutcome,
  Command,
  Lease,
  LeaseId,
  OutcomeOf,
  PredicateVerdict,
} from '@holdfast/core'
import type { Head } from '@holdfast/store'
import type { Beat, Commands, DecidedHere, Drains, LeaseListener } from '../ledger/commands.ts'
import type { LedgerParts } from '../ledger/ledger-parts.ts'
import type { Sent, WaitLimits } from '../ledger/wait-limits.ts'
import type { QueueFull } from '../pipeline/queue-full.ts'
import type { CommandOptions, Sender } from '../pipeline/sender.ts'
import { isAfter } from './head-order.ts'
import { LinkCommands, type FirstSent } from './link-commands.ts'
import { LinkLost } from './link-lost.ts'
import type { ServerLink } from './link.ts'
import { LOOK_AGAIN_MS } from './look-again.ts'
import { isServed } from './outcome-of.ts'

export interface Serving {
  /** Found when the ledger was opened. */
  readonly link: ServerLink
  /** Looks for a server again. */
  readonly find: () => Promise<ServerLink | null>
  /** Whether the state is read on through each answer. */
  readonly readsBack: boolean
}

/**
 * Commands that a server decides, as long as there is one. When it is lost, what was asked for is asked for again under the
 * same id at the store: whether it was done, the log says.
 */
export class ServedCommands implements Commands {
  readonly #parts: LedgerParts
  readonly #own: DecidedHere
  readonly #serving: Serving
  readonly #watched = new Map<LeaseId, { readonly lease: Lease; count: number }>()
  #listener: LeaseListener | null = null
  #link: ServerLink | null = null
  #told: Head
  #lookAtBootMs = 0
  #isLooking = false
  readonly #underWay = new Set<Promise<unknown>>()
  #closed = false
  /** Whether leases are heard of by the log. */
  #byLog = false

  constructor(own: DecidedHere, parts: LedgerParts, serving: Serving) {
    this.#own = own
    this.#parts = parts
    this.#serving = serving
    this.#told = parts.fold.after
    this.#attach(serving.link)
  }

  get hasWritten(): boolean {
    return this.#own.hasWritten
  }

  get queued(): number {
    return this.#own.queued
  }

  async submit<T extends Command['type']>(
    command: Extract<Command, { readonly type: T }>,
    predicates?: readonly PredicateVerdict[],
    options: CommandOptions = {},
  ): Promise<OutcomeOf[T] | QueueFull> {
    const { type } = command
    if (!isServed(type)) return this.#own.submit<T>(command, predicates, options)
    return this.#counted(
      this.#atServer(
        (at, sent) => at.submit<T>(command, { predicates, sent, ...options }),
        sender => this.#own.submit<T>(command, predicates, { ...sender, ...options }),
      ),
    )
  }

  checkpoint(command: CheckpointCommand): Promise<CheckpointOutcome | QueueFull> {
    return this.#own.checkpoint(command)
  }

  beat(command: HeartbeatCommand, options: CommandOptions = {}): Promise<Beat> {
    return this.#counted(
      this.#atServer(
        (at, sent) => at.beat(command, { sent, ...options }),
        sender => this.#own.beat(command, { ...sender, ...options }),
      ),
    )
  }

  async acquireWaiting(
    command: AcquireCommand,
    limits: WaitLimits,
    options: CommandOptions = {},
  ): Promise<Sent<AcquireOutcome | QueueFull>> {
    const { boot } = this.#parts
    const untilBootMs = boot.nowMs() + limits.spanMs
    return this.#atServer(
      at => at.wait(command, limits, options),
      () => this.#own.acquireWaiting(command, { ...limits, spanMs: Math.max(0, untilBootMs - boot.nowMs()) }, options),
    )
  }

  drains(lease: Lease): Promise<Drains> {
    return this.#atServer(
      at => at.drains(lease),
      async () => {
        // What this process has folded may be older than the lease.
        await this.#readOn()
        return this.#own.drains(lease)
      },
    )
  }

  watch(lease: Lease, listener: LeaseListener): void {
    this.#listener = listener
    const known = this.#watched.get(lease.leaseId)
    this.#watched.set(lease.leaseId, { lease, count: (known?.count ?? 0) + 1 })
    if (this.#link === null || this.#byLog) this.#watchByLog(lease)
    if (this.#link !== null) void this.#watchAt(this.#link, lease)
  }

  unwatch({ leaseId }: Lease): void {
    const known = this.#watched.get(leaseId)
    if (known === undefined) return
    known.count -= 1
    if (known.count > 0) return
    this.#watched.delete(leaseId)
    if (this.#byLog) this.#own.unwatch(known.lease)
    if (this.#watched.size === 0) this.#byLog = false
    this.#link?.unwatch(known.lease)
  }

  async close(): Promise<void> {
    this.#closed = true
    // As by the own pipeline: what is under way is settled; whoever waits in line is not waited for.
    await Promise.allSettled(this.#underWay)
    this.#link?.close()
    await this.#own.close()
  }

  /** At the server, and where it is lost meanwhile, by this process: under the same id, and with what was known before. */
  async #atServer<O>(
    served: (at: LinkCommands, sent: FirstSent) => Promise<O>,
    own: (sender: Sender | undefined) => Promise<O>,
  ): Promise<O> {
    const link = this.#present()
    if (link === null) return own(undefined)
    const { boot } = this.#parts
    const sent = { sentAfter: this.known, sentAtBootMs: boot.nowMs() }
    try {
      return await served(new LinkCommands(link, { boot, heard: this.#heard }), sent)
    } catch (error) {
      if (!(error instanceof LinkLost)) throw error
      return own(sent)
    }
  }

  /** Under way until it is answered, by whomever: what a lost server may have done is looked up before this closes. */
  #counted<O>(asked: Promise<O>): Promise<O> {
    const settled = asked.finally(() => this.#underWay.delete(settled))
    this.#underWay.add(settled)
    return settled
  }

  readonly #heard = async (head: Head): Promise<void> => {
    if (isAfter(head, this.#told)) this.#told = head
    if (this.#serving.readsBack && isAfter(head, this.#parts.fold.after)) {
      // What was decided stands, whether or not it can be read now. Who reads next hears of what fails.
      await this.#readOn().catch(() => undefined)
    }
  }

  /** The newer of what was read and what the server has told. */
  get known(): Head {
    const { after } = this.#parts.fold
    return isAfter(after, this.#told) ? after : this.#told
  }

  async #readOn(): Promise<void> {
    const { store, stream, fold } = this.#parts
    const { after } = fold
    for await (const entries of store.read(stream, after === 'none' ? {} : { from: after })) fold.absorb(entries)
  }

  /** The server, if there is one; else it is looked for beside what is done now. */
  #present(): ServerLink | null {
    if (this.#link !== null || this.#closed) return this.#link
    const nowBootMs = this.#parts.boot.nowMs()
    if (this.#isLooking || nowBootMs < this.#lookAtBootMs) return null
    this.#lookAtBootMs = nowBootMs + LOOK_AGAIN_MS
    this.#isLooking = true
    void this.#look()
    return null
  }

  async #look(): Promise<void> {
    // A look that fails has found nobody; the next one may.
    const link = await this.#serving.find().catch(() => null)
    this.#isLooking = false
    if (link === null) return
    if (this.#closed) link.close()
    else this.#attach(link)
  }

  #attach(link: ServerLink): void {
    this.#link = link
    if (isAfter(link.hello.head, this.#told)) this.#told = link.hello.head
    link.onEntries(entries => this.#listener?.entries(entries))
    link.onLost(() => this.#lost(link))
    void this.#watchAllAt(link)
  }

  #lost(link: ServerLink): void {
    if (this.#link !== link) return
    this.#link = null
    this.#lookAtBootMs = this.#parts.boot.nowMs() + LOOK_AGAIN_MS
    if (this.#closed || this.#byLog) return
    for (const { lease } of this.#watched.values()) this.#watchByLog(lease)
  }

  /** From what this process has folded on: nothing is missed, and what is heard twice changes nothing. */
  #watchByLog(lease: Lease): void {
    if (this.#listener === null) return
    this.#byLog = true
    this.#own.watch(lease, this.#listener)
  }

  /** The log is left only once the server watches all of them. */
  async #watchAllAt(link: ServerLink): Promise<void> {
    const watched = [...this.#watched.values()]
    await Promise.all(watched.map(({ lease }) => this.#watchAt(link, lease)))
    if (!this.#byLog || this.#link !== link) return
    this.#byLog = false
    for (const { lease } of this.#watched.values()) this.#own.unwatch(lease)
  }

  async #watchAt(link: ServerLink, lease: Lease): Promise<void> {
    try {
      const { boot } = this.#parts
      const pending = await new LinkCommands(link, { boot, heard: async () => {} }).watch(lease)
      this.#listener?.pending(lease, pending)
    } catch {
      // The link is lost, and the log is followed instead; or the lease is no longer known, which its next beat tells.
    }
  }
}
