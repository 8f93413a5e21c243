import type { AcquireCommand, HeartbeatCommand } from '@holdfast/core/internal'
import type { AcquireOutcome, Command, HaltEntry, Lease, OutcomeOf, PredicateVerdict } from '@holdfast/core'
import type { BootClock, Head } from '@holdfast/store'
import { sameOrigin } from '@holdfast/store/internal'
import type { Beat, Drains } from '../ledger/commands.ts'
import type { Sent, WaitLimits } from '../ledger/wait-limits.ts'
import type { QueueFull } from '../pipeline/queue-full.ts'
import type { CommandOptions } from '../pipeline/sender.ts'
import type { Answer, ServerLink } from './link.ts'
import { BeatShape, DrainsShape, PendingHalts, ToldRefusal, Waited } from './messages-shapes.ts'
import { isServed, outcomeOf } from './outcome-of.ts'
import { readBy } from './read-shape.ts'

/** What is known of a command's first sending. */
export interface FirstSent {
  readonly sentAfter: Head
  readonly sentAtBootMs: number
}

interface Sending extends CommandOptions {
  readonly sent: FirstSent
  readonly predicates?: readonly PredicateVerdict[] | undefined
}

interface Around {
  readonly boot: BootClock
  /** Told of the head behind each answer, before it is given. */
  readonly heard: (head: Head) => Promise<void>
}

/** What can be asked for over one link, with answers of the engine's own kinds. Rejects with `LinkLost` when the link is lost. */
export class LinkCommands {
  readonly #link: ServerLink
  readonly #around: Around

  constructor(link: ServerLink, around: Around) {
    this.#link = link
    this.#around = around
  }

  submit<T extends Command['type']>(
    command: Extract<Command, { readonly type: T }>,
    sending: Sending,
  ): Promise<OutcomeOf[T] | QueueFull>
  // A command of type T is answered with an outcome of type T.
  async submit(command: Command, sending: Sending): Promise<object> {
    const { type } = command
    if (!isServed(type)) throw new Error(`a server does not decide ${type}`)
    const ok = await this.#submitted(command, sending)
    return outcomeOf(type, type === 'heartbeat' ? readBy(BeatShape, ok).outcome : ok)
  }

  async beat(command: HeartbeatCommand, sending: Sending): Promise<Beat> {
    const { outcome, isLive } = readBy(BeatShape, await this.#submitted(command, sending))
    return { outcome: outcomeOf('heartbeat', outcome), isLive }
  }

  async wait(
    command: AcquireCommand,
    { spanMs, predicates, signal, onRefused }: WaitLimits,
    { traceparent }: CommandOptions = {},
  ): Promise<Sent<AcquireOutcome | QueueFull>> {
    const told = (item: unknown): void => {
      const { refused, nowMs } = readBy(ToldRefusal, item)
      const outcome = outcomeOf('acquire', refused)
      if (outcome.outcome === 'refused') onRefused?.(outcome, nowMs)
    }
    const answer = await this.#answer(this.#link.wait(command, { spanMs, predicates, signal, told, traceparent }))
    const { outcome, sentAtBootMs } = readBy(Waited, answer)
    // The instant is the server's; it counts only where both have one clock.
    const isOurs = sameOrigin(this.#link.hello.boot, this.#around.boot.origin)
    return { outcome: outcomeOf('acquire', outcome), sentAtBootMs: isOurs ? sentAtBootMs : null }
  }

  async drains(lease: Lease): Promise<Drains> {
    return readBy(DrainsShape, await this.#answer(this.#link.drains(lease)))
  }

  /** Hears of a lease from now on; answers with its pending HALTs. */
  async watch(lease: Lease): Promise<readonly HaltEntry[]> {
    return readBy(PendingHalts, (await this.#link.watch(lease)).ok)
  }

  #submitted(command: Command, { predicates, sent, traceparent }: Sending): Promise<unknown> {
    // An origin that was measured is not exactly the same for two.
    const sentAtBootMs = isOneClock(this.#link, this.#around.boot) ? sent.sentAtBootMs : undefined
    return this.#answer(this.#link.submit(command, predicates, sent.sentAfter, sentAtBootMs, traceparent))
  }

  async #answer(asked: Promise<Answer>): Promise<unknown> {
    const { ok, head } = await asked
    await this.#around.heard(head)
    return ok
  }
}

function isOneClock({ hello }: ServerLink, { origin }: BootClock): boolean {
  const { bootId, timeNamespace, originMs } = hello.boot
  return (
    bootId !== '' && bootId === origin.bootId && timeNamespace === origin.timeNamespace && originMs === origin.originMs
  )
}
