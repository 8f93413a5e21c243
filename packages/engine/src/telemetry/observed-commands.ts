import type { AcquireCommand, CheckpointCommand, HeartbeatCommand } from '@holdfast/core/internal'
import type { AcquireOutcome, CheckpointOutcome, Command, Lease, OutcomeOf, PredicateVerdict } from '@holdfast/core'
import type { Head } from '@holdfast/store'
import type { Beat, Commands, DecidedHere, Drains, LeaseListener } from '../ledger/commands.ts'
import type { Sent, WaitLimits } from '../ledger/wait-limits.ts'
import type { QueueFull } from '../pipeline/queue-full.ts'
import type { Sender } from '../pipeline/sender.ts'
import type { Instruments, Measured } from './instruments.ts'

/** Measures every command on its way to whoever decides it. It changes nothing that is asked or answered. */
export class ObservedCommands implements DecidedHere {
  readonly #inner: Commands
  readonly #instruments: Instruments

  constructor(inner: Commands, instruments: Instruments) {
    this.#inner = inner
    this.#instruments = instruments
  }

  get hasWritten(): boolean {
    return this.#inner.hasWritten
  }

  get known(): Head {
    return this.#inner.known
  }

  get queued(): number {
    return this.#inner.queued
  }

  submit<T extends Command['type']>(
    command: Extract<Command, { readonly type: T }>,
    predicates?: readonly PredicateVerdict[],
    sender?: Sender,
  ): Promise<OutcomeOf[T] | QueueFull> {
    const measured = this.#instruments.begin(command.type, sender)
    return told(this.#inner.submit<T>(command, predicates, sender), measured, outcome => outcome)
  }

  checkpoint(command: CheckpointCommand): Promise<CheckpointOutcome | QueueFull> {
    return told(this.#inner.checkpoint(command), this.#instruments.begin('checkpoint'), outcome => outcome)
  }

  beat(command: HeartbeatCommand, sender?: Sender): Promise<Beat> {
    const measured = this.#instruments.begin('heartbeat', sender)
    return told(this.#inner.beat(command, sender), measured, ({ outcome }) => outcome)
  }

  acquireWaiting(
    command: AcquireCommand,
    limits: WaitLimits,
    sender?: Sender,
  ): Promise<Sent<AcquireOutcome | QueueFull>> {
    const measured = this.#instruments.begin('acquire', sender, true)
    return told(this.#inner.acquireWaiting(command, limits, sender), measured, ({ outcome }) => outcome)
  }

  drains(lease: Lease): Promise<Drains> {
    return this.#inner.drains(lease)
  }

  watch(lease: Lease, listener: LeaseListener): void {
    this.#inner.watch(lease, listener)
  }

  unwatch(lease: Lease): void {
    this.#inner.unwatch(lease)
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}

/** The answer, once it is told of. */
async function told<A>(
  answer: Promise<A>,
  measured: Measured,
  outcomeIn: (answer: A) => { readonly outcome: string },
): Promise<A> {
  try {
    const given = await answer
    measured.answered(outcomeIn(given))
    return given
  } catch (error) {
    measured.failed(error)
    throw error
  }
}
