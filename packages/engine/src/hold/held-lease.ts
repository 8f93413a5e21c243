import {
  type EventId,
  type HaltEntry,
  type Holder,
  type Lane,
  type Lease,
  type LeaseId,
  type LogEntry,
  type ReleaseOutcome,
  type Token,
} from '@holdfast/core'
import { StoreError } from '@holdfast/store'
import { checkFunction, checkObject, checkText } from '../check-given.ts'
import { parseDuration, type DurationInput } from '../duration.ts'
import { heartbeatCommand, releaseCommand, type HeartbeatRequest } from '../pipeline/requests.ts'
import type { QueueFull } from '../pipeline/queue-full.ts'
import type { BeatDetails, HaltRequested, HoldContext } from './hold-context.ts'
import { LeaseLostError, lossBy } from './loss.ts'
import { SelfGuard } from './self-guard.ts'
import { untilDrained } from './until-drained.ts'

/** Beats in one TTL: two may fail before the deadline passes. */
const BEATS_PER_TTL = 3

/** Longest pause before a failed beat is tried again. */
const RETRY_PAUSE_MAX_MS = 1000

interface RunningActivity {
  readonly label: string
  readonly untilBootMs: number
}

/**
 * A lease that beats by itself and is released when it is disposed of.
 *
 * `signal` aborts on loss, with a `LeaseLostError` as its reason; loss is final. The handle never claims more than its
 * own boot clock allows: after a suspend or a blocked event loop it looks at its deadline before anything else.
 */
export class HeldLease implements AsyncDisposable {
  readonly leaseId: LeaseId
  readonly lane: Lane
  readonly token: Token
  readonly holder: Holder
  readonly #context: HoldContext
  readonly #guard: SelfGuard
  readonly #lost = new AbortController()
  readonly #halt = new AbortController()
  readonly #beatEveryMs: number
  #lease: Lease
  #activity: RunningActivity | null = null
  #haltId: EventId | null = null
  #cancelBeat: () => void = () => {}
  #cancelDeadline: () => void = () => {}
  #beating: Promise<void> | null = null
  #lastFailure: unknown = null
  #ended = false

  constructor(
    context: HoldContext,
    granted: {
      readonly lease: Lease
      /** When the granted request was first sent; `null` for a repeated grant, whose guard opens after a beat. */
      readonly sentAtBootMs: number | null
      readonly beatEvery?: DurationInput | undefined
    },
  ) {
    const { lease, sentAtBootMs, beatEvery } = granted
    this.#context = context
    this.#lease = lease
    this.leaseId = lease.leaseId
    this.lane = lease.lane
    this.token = lease.token
    this.holder = lease.holder
    const everyMs = beatEvery === undefined ? lease.ttlMs / BEATS_PER_TTL : parseDuration(beatEvery, 'beatEvery')
    this.#beatEveryMs = Math.max(1, Math.min(Math.floor(everyMs), Math.floor(lease.ttlMs / 2)))
    this.#guard = new SelfGuard(sentAtBootMs === null ? Number.NEGATIVE_INFINITY : sentAtBootMs + lease.ttlMs)
    this.#watchDeadline()
    if (sentAtBootMs === null) this.#nextBeatIn(0)
    else this.#nextBeat()
  }

  /** The lease as this handle last saw it in the log. */
  get lease(): Lease {
    return this.#lease
  }

  /** Aborts when the lease is lost; the reason is a `LeaseLostError`. */
  get signal(): AbortSignal {
    return this.#lost.signal
  }

  /** Aborts when somebody asks the holder to stop; the reason is a `HaltRequested`. */
  get haltRequested(): AbortSignal {
    return this.#halt.signal
  }

  /** Whether the holder may act now, by its own clock. A sample: it may be false a moment later. */
  get isHeld(): boolean {
    return this.#checkDeadline() && !this.signal.aborted && !this.#ended
  }

  /** When the handle stops believing, on the boot clock. */
  get deadlineBootMs(): number {
    return this.#guard.deadlineBootMs
  }

  /** Beats now. Rejects with the loss, or with the store's error; the lease lives on until its deadline. */
  async beat(details: BeatDetails = {}): Promise<void> {
    checkObject(details, 'details')
    this.#demand()
    await this.#send(details)
    this.#demand()
  }

  /**
   * Announces a step that may take long, such as a test run: the lease then neither looks dead nor expires for the
   * span (up to the ledger's cap), even when this process can not beat. Disposing of the answer ends it.
   */
  async activity(label: string, options: { readonly expected: DurationInput }): Promise<AsyncDisposable> {
    checkText(label, 'label')
    checkObject(options, 'options')
    this.#demand()
    const spanMs = parseDuration(options.expected, 'expected')
    const mine = { label, untilBootMs: this.#context.boot.nowMs() + spanMs }
    this.#activity = mine
    await this.#send({})
    return {
      [Symbol.asyncDispose]: async () => {
        if (this.#activity !== mine) return
        this.#activity = null
        if (this.isHeld) await this.#send({})
      },
    }
  }

  /**
   * Runs an effect under the lease and hands it the token. It never starts one after a loss, and it waits while what
   * the lease covers still drains from an older holder. A process that is stopped between this check and the effect can
   * still be late: only a resource that compares tokens is safe against that.
   */
  async guard<T>(effect: (token: Token, signal: AbortSignal) => T | Promise<T>): Promise<T> {
    checkFunction(effect, 'effect')
    this.#demand()
    if (!this.#guard.opened) await this.#send({})
    await untilDrained(this.#context, () => {
      this.#demand()
      return this
    })
    this.#demand()
    return effect(this.token, this.signal)
  }

  /**
   * Gives the lease up. After a HALT the release confirms it. After a loss by force it tells the ledger that this
   * holder has stopped, which opens what it kept closed (`drained`). After its own deadline the lease may still stand in
   * the log, which this ends before the grace does; one that asked for a reaper is left to it. `lost`: there is nothing
   * left to give up, or the store of a lost lease is out of reach. Idempotent.
   */
  async release(reason = ''): Promise<ReleaseOutcome | QueueFull | { readonly outcome: 'lost' }> {
    checkText(reason, 'reason')
    const first = !this.#ended
    this.#stop()
    await this.#beating
    if (!first || !this.#mayStillStand()) return { outcome: 'lost' }
    const { lane, holder, token } = this
    const causation = this.#haltId ?? undefined
    try {
      const { commands, ledger } = this.#context
      return await commands.submit<'release'>(releaseCommand({ lane, holder, token, reason, causation }, ledger))
    } catch (error) {
      // What made it miss its deadline may last; the lease then ends by its expiry.
      if (this.#loss?.code === 'deadline-passed') return { outcome: 'lost' }
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }

  /** Leaves the lease as it is and stops beating: it expires, or is left to a reaper. */
  abandon(): void {
    this.#stop()
  }

  /** Takes in what the log says of this lease. */
  observe(entry: LogEntry): void {
    const loss = lossBy(entry, this)
    if (loss !== null && !this.#ended) this.#lose(loss)
    if (entry.type !== 'HALT' || entry.data.leaseId !== this.leaseId || entry.data.token !== this.token) return
    const { handle, reason, command } = entry.data
    this.#requestHalt({ eventId: entry.eventId, handle, reason, command: command ?? null })
  }

  /** Takes in the HALTs that were recorded before this handle listened. */
  observePending(halts: Iterable<HaltEntry>): void {
    for (const halt of halts) {
      if (halt.leaseId === this.leaseId && halt.token === this.token && halt.confirmedAtMs === null) {
        this.#requestHalt(halt)
      }
    }
  }

  /** Says in the log that the holder has begun to obey the HALT. Nothing without one. */
  async enactHalt(): Promise<void> {
    if (this.#haltId !== null) await this.beat({ causation: this.#haltId })
  }

  /** Whether the log may have something that a release ends. */
  #mayStillStand(): boolean {
    switch (this.#loss?.code) {
      case undefined:
      case 'adopted':
      case 'scavenged':
        return true
      case 'deadline-passed':
        return this.#lease.reap !== 'required'
      case 'released':
      case 'moved':
      case 'store-replaced':
      case 'gone':
        return false
    }
  }

  get #loss(): LeaseLostError | null {
    const reason: unknown = this.signal.reason
    return this.signal.aborted && reason instanceof LeaseLostError ? reason : null
  }

  #requestHalt({ eventId, handle, reason, command }: HaltRequested): void {
    if (this.#haltId !== null) return
    this.#haltId = eventId
    this.#halt.abort({ eventId, handle, reason, command } satisfies HaltRequested)
  }

  #demand(): void {
    this.#checkDeadline()
    const loss = this.#loss
    if (loss !== null) throw loss
    if (this.#ended) throw new LeaseLostError('released', this, { detail: 'this handle has released it' })
  }

  /** False once the deadline has passed; before the first confirmation there is none. */
  #checkDeadline(): boolean {
    const nowBootMs = this.#context.boot.nowMs()
    if (!this.#guard.opened || this.#guard.holds(nowBootMs)) return this.#guard.opened
    if (!this.#ended) {
      const detail = `no beat was confirmed before its deadline${becauseOf(this.#lastFailure)}`
      this.#lose(new LeaseLostError('deadline-passed', this, { detail, cause: this.#lastFailure }))
    }
    return false
  }

  #watchDeadline(): void {
    this.#cancelDeadline()
    if (!this.#guard.opened || this.#ended || this.signal.aborted) return
    const leftMs = Math.max(0, this.#guard.deadlineBootMs - this.#context.boot.nowMs())
    const look = (): void => {
      if (this.#checkDeadline()) this.#watchDeadline()
    }
    this.#cancelDeadline = this.#context.timers.after(leftMs, look, { background: true })
  }

  #nextBeat(): void {
    const { boot, aligned } = this.#context
    const nowBootMs = boot.nowMs()
    this.#nextBeatIn(aligned(nowBootMs + this.#beatEveryMs, this.#beatEveryMs) - nowBootMs)
  }

  #nextBeatIn(spanMs: number): void {
    this.#cancelBeat()
    if (this.#ended || this.signal.aborted) return
    this.#cancelBeat = this.#context.timers.after(spanMs, () => this.#tick(), { background: true })
  }

  #tick(): void {
    // A late timer means a suspended or blocked process: the deadline is looked at before anything is sent.
    if (this.#guard.opened && !this.#checkDeadline()) return
    this.#beating = this.#send({}).then(
      () => this.#nextBeat(),
      () => this.#nextBeatIn(Math.min(RETRY_PAUSE_MAX_MS, this.#beatEveryMs)),
    )
  }

  async #send(details: BeatDetails): Promise<void> {
    const { boot, commands, ledger } = this.#context
    const sentAtBootMs = boot.nowMs()
    const { lane, holder, token } = this
    const beat = { lane, holder, token, ...details, activity: this.#remaining(sentAtBootMs) }
    try {
      const { outcome, isLive } = await commands.beat(heartbeatCommand(beat, ledger))
      if (isLive && outcome.outcome === 'beaten') this.#confirmed(outcome.lease, sentAtBootMs)
      else if (outcome.outcome === 'not-held' || outcome.outcome === 'stale-token') this.#gone()
    } catch (error) {
      this.#lastFailure = error
      this.#loseBy(error)
      throw error
    }
    this.#checkDeadline()
  }

  #remaining(nowBootMs: number): HeartbeatRequest['activity'] {
    if (this.#activity === null) return undefined
    const leftMs = this.#activity.untilBootMs - nowBootMs
    return leftMs <= 0 ? undefined : { label: this.#activity.label, expected: leftMs }
  }

  /** The log, read through the beat, shows the token live. */
  #confirmed(beaten: Lease, sentAtBootMs: number): void {
    this.#lease = beaten
    this.#lastFailure = null
    const grantedMs = Math.max(beaten.ttlMs, beaten.activity?.grantedMs ?? 0)
    this.#guard.confirm(sentAtBootMs, grantedMs, this.#context.boot.nowMs())
    this.#watchDeadline()
  }

  /** Some failures say that the lease can no longer be kept, and none of them waits for the deadline. */
  #loseBy(error: unknown): void {
    if (this.#ended || !(error instanceof StoreError)) return
    if (error.detail === 'replaced') {
      this.#lose(new LeaseLostError('store-replaced', this, { detail: error.message, cause: error }))
    } else if (error.code === 'moved')
      this.#lose(new LeaseLostError('moved', this, { detail: error.message, cause: error }))
  }

  #gone(): void {
    if (this.#ended || this.signal.aborted) return
    this.#lose(new LeaseLostError('gone', this, { detail: 'the log does not show this token live' }))
  }

  #lose(loss: LeaseLostError): void {
    if (this.signal.aborted) return
    this.#cancelBeat()
    this.#cancelDeadline()
    this.#lost.abort(loss)
  }

  #stop(): void {
    this.#ended = true
    this.#cancelBeat()
    this.#cancelDeadline()
    this.#context.forget()
  }
}

/** Why beats failed, as far as the last one says. */
function becauseOf(failure: unknown): string {
  return failure instanceof Error ? `; the last one failed: ${failure.message}` : ''
}
