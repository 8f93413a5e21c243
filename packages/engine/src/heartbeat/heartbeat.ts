import { droppedKeyIn } from '@holdfast/core/internal'
import { checkMethod, checkOptions, type OptionKind } from '../check-given.ts'
import { pause, systemTimers, type Timers } from '../clock/timers.ts'
import { InputError } from '../input-error.ts'
import type { Beat, BeatMetadata } from './beat.ts'
import type { BeatSink } from './beat-sink.ts'
import { BeatWriter, type BeatObserver } from './beat-writer.ts'
import { CallbackSlot } from './callback-slot.ts'
import { HeartbeatError } from './heartbeat-error.ts'
import type {
  CallbackName,
  HeartbeatOptions,
  HeartbeatStats,
  HeartbeatTarget,
  StopReport,
} from './heartbeat-options.ts'
import { demandBeatsPerTtl, heartbeatPolicy, type HeartbeatPolicy } from './heartbeat-policy.ts'

/** How long `stop` waits beyond one interval for what still runs. */
const JOIN_SLACK_MS = 1000

const OPTIONS = {
  sink: 'object',
  policy: 'object',
  target: 'object',
  metadata: 'object-or-function',
  signal: 'signal',
  keepAlive: 'boolean',
  timers: 'object',
  wallMs: 'function',
  onBeat: 'function',
  onMissedBeat: 'function',
  onAlert: 'function',
  onTargetDead: 'function',
} as const satisfies Record<keyof HeartbeatOptions, OptionKind>

/**
 * A periodic sign of life: at once on `start`, then once an interval, whatever the sink or the callbacks do. After a
 * blocked event loop it goes on with one beat, without making up for those it missed. `using` ends it without waiting,
 * `await using` waits as `stop` does.
 */
export class Heartbeat implements Disposable, AsyncDisposable {
  readonly policy: HeartbeatPolicy
  readonly #sink: BeatSink
  readonly #timers: Timers
  readonly #keepAlive: boolean
  readonly #signal: AbortSignal | undefined
  readonly #writer: BeatWriter
  readonly #slots: Slots
  #cancel: (() => void) | null = null
  #shutDown = false
  #loopWrites = false
  #deadLooks = 0

  /** @throws InputError for options of another kind, an interval longer than half of the sink's TTL, or metadata with a key that no reader keeps. */
  constructor(options: HeartbeatOptions) {
    checkOptions(options, OPTIONS)
    checkMethod(options.sink, 'write', 'sink')
    if (options.target !== undefined) checkMethod(options.target, 'isDead', 'target')
    const { sink, policy = heartbeatPolicy(), metadata = {}, wallMs = Date.now, target, signal } = options
    if (sink.ttlMs !== null) demandBeatsPerTtl(policy.intervalMs, sink.ttlMs)
    const dropped = typeof metadata === 'function' ? null : droppedKeyIn(metadata)
    if (dropped !== null) {
      const message = 'readers of JSON drop this key; name it otherwise'
      throw new InputError([{ path: `metadata.${dropped}`, message }])
    }
    this.policy = policy
    this.#sink = sink
    this.#timers = options.timers ?? systemTimers
    this.#keepAlive = options.keepAlive ?? false
    this.#signal = signal
    this.#writer = new BeatWriter({ sink, metadata, wallMs })
    this.#slots = {
      onBeat: new CallbackSlot(beat => options.onBeat?.(beat)),
      onMissedBeat: new CallbackSlot(error => options.onMissedBeat?.(error)),
      onAlert: new CallbackSlot((channel, message, context) => options.onAlert?.(channel, message, context)),
      onTargetDead: new CallbackSlot(() => options.onTargetDead?.()),
      isDead: new CallbackSlot(() => (target === undefined ? undefined : this.#look(target))),
    }
    if (signal?.aborted === true) this.#shutDown = true
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  get isRunning(): boolean {
    return this.#cancel !== null
  }

  /** Whether it was told to end for good, as opposed to a `stop` that may be followed by a `start`. */
  get isShutdown(): boolean {
    return this.#shutDown
  }

  get stats(): HeartbeatStats {
    const { onBeat, onMissedBeat, onAlert, onTargetDead, isDead } = this.#slots
    return {
      ...this.#writer.counts,
      deadLooks: this.#deadLooks,
      callbacks: {
        onBeat: onBeat.stats,
        onMissedBeat: onMissedBeat.stats,
        onAlert: onAlert.stats,
        onTargetDead: onTargetDead.stats,
        isDead: isDead.stats,
      },
    }
  }

  /** Begins, with a beat at once. @throws HeartbeatError `already-running` or `shut-down`. */
  start(): this {
    if (this.#shutDown) {
      const cause: unknown = this.#signal?.reason
      throw new HeartbeatError('shut-down', 'this heartbeat was shut down: make a new one', { cause })
    }
    if (this.isRunning) throw new HeartbeatError('already-running', 'this heartbeat already runs: stop it first')
    this.#tick()
    return this
  }

  /**
   * Ends the loop and waits for the beat and the callbacks that run, one interval and a second at most. Afterwards the
   * loop writes nothing, save what `unfinished` names. Idempotent; never rejects. A callback may await it.
   */
  async stop(): Promise<StopReport> {
    const outcome = this.isRunning ? 'stopped' : 'not-running'
    this.#cancel?.()
    this.#cancel = null
    for (const slot of Object.values(this.#slots)) slot.drop()
    return { outcome, unfinished: await this.#join() }
  }

  /** `stop` for good: sets the flag, and ends the stream of beats. Idempotent. */
  async shutdown(): Promise<StopReport> {
    this.#shutDown = true
    this.#signal?.removeEventListener('abort', this.#onAbort)
    const report = await this.stop()
    this.#writer.complete()
    return report
  }

  /**
   * Beats now, whether the loop runs or not; calls that come while a beat is being written share the next one. Rejects
   * with a HeartbeatError: `beat-failed` (the cause is the sink's error) or `beat-too-large`.
   */
  beat(): Promise<Beat> {
    return this.#writer.send()
  }

  /** Hears of every beat until the answer is called; `complete` after `shutdown`. */
  observe(observer: BeatObserver): () => void {
    return this.#writer.observe(observer)
  }

  [Symbol.dispose](): void {
    void this.shutdown()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown()
  }

  readonly #onAbort = (): void => void this.shutdown()

  #tick(): void {
    // Set first: neither a slow sink nor a slow callback moves the next beat.
    this.#cancel = this.#timers.after(this.policy.intervalMs, () => this.#tick(), { background: !this.#keepAlive })
    if (this.#loopWrites) this.#slots.onMissedBeat.offer(this.#writer.miss(sinkBusy(this.#sink, this.policy)))
    else void this.#beatInLoop()
    this.#slots.isDead.offer()
  }

  async #beatInLoop(): Promise<void> {
    this.#loopWrites = true
    try {
      const beat = await this.#writer.send()
      if (this.isRunning) this.#slots.onBeat.offer(beat)
    } catch (error) {
      if (this.isRunning && error instanceof HeartbeatError) this.#slots.onMissedBeat.offer(error)
    } finally {
      this.#loopWrites = false
    }
  }

  async #look(target: HeartbeatTarget): Promise<void> {
    const dead = await target.isDead()
    this.#deadLooks = dead ? this.#deadLooks + 1 : 0
    if (!dead || !this.isRunning) return
    const context = { sink: this.#sink.name, target: target.constructor.name, deadLooks: this.#deadLooks }
    this.#slots.onAlert.offer('heartbeat', 'the watched target is dead', context)
    this.#slots.onTargetDead.offer()
  }

  /** The names of what still runs after the longest wait. */
  async #join(): Promise<StopReport['unfinished']> {
    const waiting = new Set<CallbackName | 'beat'>()
    const track = async (name: CallbackName | 'beat', idle: Promise<void>): Promise<void> => {
      waiting.add(name)
      await idle
      waiting.delete(name)
    }
    const { onBeat, onMissedBeat, onAlert, onTargetDead, isDead } = this.#slots
    const joined = Promise.all([
      track('beat', this.#writer.idle()),
      track('onBeat', onBeat.idle()),
      track('onMissedBeat', onMissedBeat.idle()),
      track('onAlert', onAlert.idle()),
      track('onTargetDead', onTargetDead.idle()),
      track('isDead', isDead.idle()),
    ])
    const waited = new AbortController()
    const longest = pause(this.#timers, this.policy.intervalMs + JOIN_SLACK_MS, waited.signal)
    await Promise.race([joined, longest])
    waited.abort()
    return [...waiting]
  }
}

type Slots = {
  readonly onBeat: CallbackSlot<[Beat]>
  readonly onMissedBeat: CallbackSlot<[HeartbeatError]>
  readonly onAlert: CallbackSlot<[string, string, BeatMetadata]>
  readonly onTargetDead: CallbackSlot<[]>
  readonly isDead: CallbackSlot<[]>
}

function sinkBusy(sink: BeatSink, { intervalMs }: HeartbeatPolicy): HeartbeatError {
  return new HeartbeatError('sink-busy', `${sink.name} has not taken the last beat within ${intervalMs} ms`)
}
