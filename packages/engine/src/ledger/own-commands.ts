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
import { Pipeline } from '../pipeline/pipeline.ts'
import type { QueueFull } from '../pipeline/queue-full.ts'
import type { Sender } from '../pipeline/sender.ts'
import type { Beat, DecidedHere, Drains, LeaseListener } from './commands.ts'
import type { LedgerParts } from './ledger-parts.ts'
import type { Tail } from './tail.ts'
import type { Sent, WaitLimits } from './wait-limits.ts'
import { waitForLease } from './wait-for-lease.ts'

/** Commands that this process decides itself. A server decides them for others: each then has a sender. */
export class OwnCommands implements DecidedHere {
  readonly #parts: LedgerParts
  readonly #pipeline: Pipeline
  readonly #tail: Tail
  readonly #watched = new Map<LeaseId, number>()
  #unlisten: (() => void) | null = null

  constructor(parts: LedgerParts, tail: Tail) {
    this.#parts = parts
    this.#pipeline = new Pipeline(parts)
    this.#tail = tail
  }

  get hasWritten(): boolean {
    return this.#pipeline.hasWritten
  }

  get queued(): number {
    return this.#pipeline.queued
  }

  get known(): Head {
    return this.#parts.fold.after
  }

  submit<T extends Command['type']>(
    command: Extract<Command, { readonly type: T }>,
    predicates?: readonly PredicateVerdict[],
    sender?: Sender,
  ): Promise<OutcomeOf[T] | QueueFull> {
    const { sentBefore } = this.#parts
    if (sentBefore === undefined) return this.#pipeline.submit<T>(command, predicates, { sender })
    const { commandId, sentAfter } = sentBefore
    return this.#pipeline.submit<T>({ ...command, commandId }, predicates, { sender: { ...sender, sentAfter } })
  }

  checkpoint(command: CheckpointCommand): Promise<CheckpointOutcome | QueueFull> {
    return this.#pipeline.checkpoint(command)
  }

  async beat(command: HeartbeatCommand, sender?: Sender): Promise<Beat> {
    const outcome = await this.submit<'heartbeat'>(command, [], sender)
    if (outcome.outcome !== 'beaten') return { outcome, isLive: false }
    const { movedTo, leases } = this.#pipeline.state
    const isLive = movedTo === null && leases.get(outcome.lease.leaseId)?.token === command.token
    return { outcome, isLive }
  }

  acquireWaiting(
    command: AcquireCommand,
    limits: WaitLimits,
    sender?: Sender,
  ): Promise<Sent<AcquireOutcome | QueueFull>> {
    const { store, stream, timers, boot } = this.#parts
    const context = { store, stream, timers, boot, pipeline: this.#pipeline, tail: this.#tail, sender }
    return waitForLease(context, command, limits)
  }

  async drains(lease: Lease): Promise<Drains> {
    const { store, stream } = this.#parts
    const nowMs = await store.now(stream)
    const over = this.#pipeline.drainsOver(lease, nowMs)
    return { nowMs, untilMs: over.length === 0 ? null : Math.max(...over.map(({ untilMs }) => untilMs)) }
  }

  watch(lease: Lease, listener: LeaseListener): void {
    this.#watched.set(lease.leaseId, (this.#watched.get(lease.leaseId) ?? 0) + 1)
    this.#unlisten ??= this.#tail.listen(listener.entries)
    listener.pending(
      lease,
      [...this.#pipeline.state.halts.live(lease.lastBeatAtMs)].map(([, halt]) => halt),
    )
  }

  unwatch({ leaseId }: Lease): void {
    const others = (this.#watched.get(leaseId) ?? 0) - 1
    if (others > 0) this.#watched.set(leaseId, others)
    else this.#watched.delete(leaseId)
    if (this.#watched.size > 0) return
    this.#unlisten?.()
    this.#unlisten = null
  }

  async close(): Promise<void> {
    await this.#pipeline.close()
    await this.#tail.close()
  }
}
