import type { AcquireCommand, CheckpointCommand, HeartbeatCommand } from '@holdfast/core/internal'
import type {
  AcquireOutcome,
  CheckpointOutcome,
  Command,
  Lease,
  OutcomeOf,
  PredicateVerdict,
  ProcessIdentity,
} from '@holdfast/core'
import type { Head } from '@holdfast/store'
import type { Beat, Commands, DecidedHere, Drains, LeaseListener } from '../ledger/commands.ts'
import { Ledger } from '../ledger/ledger.ts'
import type { LedgerParts } from '../ledger/ledger-parts.ts'
import type { Sent, WaitLimits } from '../ledger/wait-limits.ts'
import type { QueueFull } from '../pipeline/queue-full.ts'
import type { CommandOptions } from '../pipeline/sender.ts'

/** A hosted ledger as somebody else uses it. What is recorded names them; closing it closes nothing. */
export class LedgerFor extends Ledger {
  constructor(parts: LedgerParts, commands: DecidedHere, actor: ProcessIdentity | null) {
    super({ ...parts, through: () => new CommandsFor(commands, actor) })
  }

  override async close(): Promise<void> {}
}

/** The commands of a hosted ledger, each with its sender. */
class CommandsFor implements Commands {
  readonly #commands: DecidedHere
  readonly #actor: ProcessIdentity | null

  constructor(commands: DecidedHere, actor: ProcessIdentity | null) {
    this.#commands = commands
    this.#actor = actor
  }

  get hasWritten(): boolean {
    return this.#commands.hasWritten
  }

  get known(): Head {
    return this.#commands.known
  }

  get queued(): number {
    return this.#commands.queued
  }

  submit<T extends Command['type']>(
    command: Extract<Command, { readonly type: T }>,
    predicates?: readonly PredicateVerdict[],
    options: CommandOptions = {},
  ): Promise<OutcomeOf[T] | QueueFull> {
    return this.#commands.submit<T>(command, predicates, { ...options, actor: this.#actor })
  }

  checkpoint(command: CheckpointCommand): Promise<CheckpointOutcome | QueueFull> {
    return this.#commands.checkpoint(command)
  }

  beat(command: HeartbeatCommand, options: CommandOptions = {}): Promise<Beat> {
    return this.#commands.beat(command, { ...options, actor: this.#actor })
  }

  acquireWaiting(
    command: AcquireCommand,
    limits: WaitLimits,
    options: CommandOptions = {},
  ): Promise<Sent<AcquireOutcome | QueueFull>> {
    return this.#commands.acquireWaiting(command, limits, { ...options, actor: this.#actor })
  }

  drains(lease: Lease): Promise<Drains> {
    return this.#commands.drains(lease)
  }

  watch(lease: Lease, listener: LeaseListener): void {
    this.#commands.watch(lease, listener)
  }

  unwatch(lease: Lease): void {
    this.#commands.unwatch(lease)
  }

  async close(): Promise<void> {}
}
