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
import type { BootClock, Head } from '@holdfast/store'
import type { Beat, Commands, DecidedHere, Drains, LeaseListener } from '../ledger/commands.ts'
import type { Sent, WaitLimits } from '../ledger/wait-limits.ts'
import type { QueueFull } from '../pipeline/queue-full.ts'
import type { CommandOptions } from '../pipeline/sender.ts'
import { LOOK_AGAIN_MS } from './look-again.ts'

interface Looking {
  readonly boot: BootClock
  /** A look that costs next to nothing: whether there may be a server. */
  readonly mayBeThere: () => boolean
  /** The way through the server, if it answers. */
  readonly find: () => Promise<((own: DecidedHere) => Commands) | undefined>
}

/**
 * Commands that this process decides itself, until a server is found: where there was none when the ledger was opened, one may
 * be started later. It is looked for when there is something to send. What is under way stays where it was sent.
 */
export class LookingCommands implements Commands {
  readonly #own: DecidedHere
  readonly #looking: Looking
  readonly #watched = new Map<LeaseId, { readonly lease: Lease; count: number }>()
  #listener: LeaseListener | null = null
  #served: Commands | null = null
  #lookAtBootMs: number
  #isLooking = false
  #closed = false

  constructor(own: DecidedHere, looking: Looking) {
    this.#own = own
    this.#looking = looking
    this.#lookAtBootMs = looking.boot.nowMs() + LOOK_AGAIN_MS
  }

  get hasWritten(): boolean {
    return this.#own.hasWritten
  }

  get known(): Head {
    return (this.#served ?? this.#own).known
  }

  get queued(): number {
    return this.#own.queued
  }

  submit<T extends Command['type']>(
    command: Extract<Command, { readonly type: T }>,
    predicates?: readonly PredicateVerdict[],
    options?: CommandOptions,
  ): Promise<OutcomeOf[T] | QueueFull> {
    return this.#present().submit<T>(command, predicates, options)
  }

  checkpoint(command: CheckpointCommand): Promise<CheckpointOutcome | QueueFull> {
    return this.#own.checkpoint(command)
  }

  beat(command: HeartbeatCommand, options?: CommandOptions): Promise<Beat> {
    return this.#present().beat(command, options)
  }

  acquireWaiting(
    command: AcquireCommand,
    limits: WaitLimits,
    options?: CommandOptions,
  ): Promise<Sent<AcquireOutcome | QueueFull>> {
    return this.#present().acquireWaiting(command, limits, options)
  }

  drains(lease: Lease): Promise<Drains> {
    return this.#present().drains(lease)
  }

  watch(lease: Lease, listener: LeaseListener): void {
    if (this.#served !== null) return this.#served.watch(lease, listener)
    this.#listener = listener
    const known = this.#watched.get(lease.leaseId)
    this.#watched.set(lease.leaseId, { lease, count: (known?.count ?? 0) + 1 })
    this.#own.watch(lease, listener)
  }

  unwatch(lease: Lease): void {
    if (this.#served !== null) return this.#served.unwatch(lease)
    const known = this.#watched.get(lease.leaseId)
    if (known === undefined) return
    known.count -= 1
    if (known.count === 0) this.#watched.delete(lease.leaseId)
    this.#own.unwatch(lease)
  }

  async close(): Promise<void> {
    this.#closed = true
    await (this.#served ?? this.#own).close()
  }

  /** Whoever decides now. A server is looked for beside that. */
  #present(): Commands {
    if (this.#served !== null) return this.#served
    const nowBootMs = this.#looking.boot.nowMs()
    if (this.#closed || this.#isLooking || nowBootMs < this.#lookAtBootMs) return this.#own
    this.#lookAtBootMs = nowBootMs + LOOK_AGAIN_MS
    if (this.#looking.mayBeThere()) void this.#find()
    return this.#own
  }

  async #find(): Promise<void> {
    this.#isLooking = true
    const through = await this.#looking.find().catch(() => undefined)
    this.#isLooking = false
    if (through === undefined) return
    const served = through(this.#own)
    if (this.#closed) return served.close()
    this.#served = served
    // Heard by the server first and by the log no longer after: nothing is missed, and what is heard twice changes nothing.
    for (const { lease, count } of this.#watched.values()) {
      for (let each = 0; each < count; each += 1) {
        if (this.#listener !== null) served.watch(lease, this.#listener)
        this.#own.unwatch(lease)
      }
    }
    this.#watched.clear()
  }
}
