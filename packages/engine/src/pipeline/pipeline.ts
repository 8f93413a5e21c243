import {
  decide,
  probesWanted,
  type CheckpointOutcome,
  type Command,
  type CommandId,
  type DrainingEntry,
  type EpochMs,
  type Evidence,
  type Lease,
  type LedgerState,
  type Outcome,
  type OutcomeOf,
  type PredicateVerdict,
  type Probe,
  type ProcessIdentity,
} from '@holdfast/core'
import type { CheckpointCommand } from '@holdfast/core/internal'
import { StoreError, type CommitView, type LogStore } from '@holdfast/store'
import { APPEND_BYTES_MAX, bytesOf, remainingMs, withinDeadline, withoutDeadline } from '@holdfast/store/internal'
import { EarlierSearch } from './earlier-search.ts'
import { freshLeases } from './fresh-leases.ts'
import type { QueueFull } from './queue-full.ts'
import { knownActor, ownEvent, queued, type KnownActor, type OwnEvent, type QueuedCommand } from './queued-command.ts'
import type { Sender } from './sender.ts'
import { StateAside } from './state-aside.ts'
import { Trial } from './trial.ts'
import type { WatchedFold } from './watched-fold.ts'

/** Commands that may wait at once; one more is answered `queue-full`. */
export const QUEUE_MAX = 10_000

/** Commands that one commit decides at most: bounds how long the store's write lock is held. */
export const BATCH_MAX = 500

/** Part of an append's limit that a batch fills before it is split. */
const BATCH_BYTES_MAX = Math.floor(APPEND_BYTES_MAX * 0.9)

/** A store that has no time for another try gives up that much before the end: the longest pause between two. */
const LATE_MS = 1_000

/** What most groups turn on: no process. */
const NO_PROBES: ReadonlyMap<string, Probe> = new Map()

export interface PipelineOptions {
  readonly store: LogStore
  readonly stream: string
  /** The ledger as loaded; the pipeline owns it from here on. */
  readonly fold: WatchedFold
  readonly actor: ProcessIdentity | null
  /** Probes what decisions may turn on, before they are taken. */
  readonly probe: (processes: readonly ProcessIdentity[], count: number) => Promise<ReadonlyMap<string, Probe>>
  readonly queueMax?: number | undefined
}

/** What a command is given besides. */
interface Besides {
  readonly aside?: StateAside | null
  readonly sender?: Sender | undefined
}

/** What one commit decided for one command. */
interface Decided {
  readonly waiting: QueuedCommand
  readonly events: readonly OwnEvent[]
  /** `null`: decide it again once these events are durable. `search`: it may have been done before. */
  readonly outcome: Outcome | null | 'search' | 'nobody'
}

/**
 * Decides commands one after another on the head of the log and writes what they ask for in groups: while one group is
 * being made durable the next one gathers, so throughput grows with load. Each command is decided on the state with all
 * before it, those of its own group included; when somebody else wrote in between, all of the group is decided again. A
 * CHECKPOINT has a group of its own, so that the state in it is one that stands in the log.
 */
export class Pipeline {
  readonly #options: PipelineOptions
  readonly #actor: KnownActor
  readonly #queue: QueuedCommand[] = []
  #running: Promise<void> | null = null
  readonly #earlier: EarlierSearch
  #closed = false
  #hasWritten = false

  constructor(options: PipelineOptions) {
    this.#options = options
    this.#actor = knownActor(options.actor)
    this.#earlier = new EarlierSearch(options, waiting => this.#enqueue(waiting))
  }

  /** The state as of the newest event that this pipeline has seen. Fork it to keep it. */
  get state(): LedgerState {
    return this.#options.fold.state
  }

  /** Commands that wait for their turn. */
  get queued(): number {
    return this.#queue.length
  }

  /** Whether anything of its commands is in the log. */
  get hasWritten(): boolean {
    return this.#hasWritten
  }

  /**
   * Queues a command. Rejects with a `StoreError` when the store fails or the ledger may not be written; whether the
   * command's events are in the log is then unknown only for `timeout-unknown-outcome`.
   */
  submit<T extends Command['type']>(
    command: Extract<Command, { readonly type: T }>,
    predicates?: readonly PredicateVerdict[],
    besides?: Besides,
  ): Promise<OutcomeOf[T] | QueueFull>
  // `decide` answers a command of type T with an outcome of type T.
  submit(
    command: Command,
    predicates: readonly PredicateVerdict[] = [],
    { aside = null, sender: given = {} }: Besides = {},
  ): Promise<Outcome | QueueFull> {
    if (this.#closed) return Promise.reject(new StoreError('unavailable', 'The ledger is closed.'))
    if (this.#queue.length >= (this.#options.queueMax ?? QUEUE_MAX)) return Promise.resolve({ outcome: 'queue-full' })
    const sender = { ...given, sentAfter: this.#options.fold.recent.before(given) }
    const spanMs = Math.min(this.#options.store.deadlineMs ?? Infinity, remainingMs())
    const endMs = performance.now() + spanMs
    return new Promise<Outcome>((resolve, reject) => {
      this.#enqueue(queued({ command, predicates, aside, sender, resolve, reject, endMs }))
    })
  }

  #enqueue(waiting: QueuedCommand): void {
    this.#queue.push(waiting)
    this.#running ??= withoutDeadline(() => this.#run())
  }

  /**
   * Writes a CHECKPOINT. The state of a large one is written outside the queue, once the CHECKPOINT stands in the log. Rejects
   * as `submit` does, and with `timeout-unknown-outcome` for a CHECKPOINT that was left without its state.
   */
  async checkpoint(command: CheckpointCommand): Promise<CheckpointOutcome | QueueFull> {
    const aside = StateAside.of(command)
    const outcome = await this.submit<'checkpoint'>(command, [], { aside })
    if (outcome.outcome === 'checkpointed') await aside?.write(this.#options.store)
    return outcome
  }

  /**
   * What a command would be answered on the state at hand, if that needs no event: a look that costs no write lock. The
   * state may lack what others have just written, so only an answer that changes nothing may be taken from it.
   */
  peek<T extends Command['type']>(
    command: Extract<Command, { readonly type: T }>,
    nowMs: EpochMs,
    predicates: readonly PredicateVerdict[] = [],
  ): OutcomeOf[T] | null {
    const around = { nowMs, ownClock: this.#options.fold.ownClock, evidence: { predicates } }
    const decision = decide<T>(this.state, command, around)
    return decision.kind === 'final' && decision.events.length === 0 ? decision.outcome : null
  }

  /** What keeps the guard of a lease closed, as this process may count on it. */
  drainsOver(lease: Lease, nowMs: EpochMs): DrainingEntry[] {
    return this.#options.fold.drainsOver(lease, nowMs)
  }

  /** Refuses new commands and waits for those under way. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
    while (this.#earlier.size > 0) {
      await this.#earlier.ended()
      await this.#running
    }
  }

  async #run(): Promise<void> {
    // Commands of the same turn of the event loop belong into one group, those of timers that are due together as well.
    await new Promise(resolve => setImmediate(resolve))
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, BATCH_MAX)
      const endMs = Math.min(...batch.map(waiting => waiting.endMs))
      try {
        await withinDeadline(endMs - performance.now(), () => this.#commit(batch))
      } catch (error) {
        this.#reject(batch, error, { endMs })
      }
    }
    this.#running = null
  }

  /** `endMs`: when the first one's time is over. If that ended it and nothing was written, those with more time go on. */
  #reject(batch: readonly QueuedCommand[], error: unknown, { endMs: firstEndMs }: { readonly endMs: number }): void {
    const nothingWritten = error instanceof StoreError && error.code === 'unavailable'
    const isLate = performance.now() >= firstEndMs - LATE_MS
    const goesOn = ({ endMs }: QueuedCommand): boolean => isLate && nothingWritten && endMs > firstEndMs
    for (const waiting of batch.filter(one => !goesOn(one))) {
      waiting.reject(nothingWritten && waiting.appended > 0 ? partWritten(error) : error)
    }
    this.#queue.unshift(...batch.filter(goesOn))
  }

  async #commit(batch: readonly QueuedCommand[]): Promise<void> {
    const { store, stream, fold } = this.#options
    const probes = await this.#gather(batch)
    let decided: readonly Decided[] = []
    const result = await store.commit(stream, fold.after, {
      absorb: entries => fold.absorb(entries),
      decide: view => {
        decided = this.#decide(batch, view, probes)
        return decided.flatMap(({ events }) => events)
      },
    })
    fold.absorb(result.entries)
    this.#hasWritten ||= decided.some(({ events }) => events.length > 0)
    this.#answer(batch, decided)
  }

  /**
   * Probes the processes that the group may turn on. Only for these is the clock asked, and where there is a server: one
   * that is silent is noticed by a look, before anything is sent whose outcome would then be unknown (ADR 26).
   */
  async #gather(batch: readonly QueuedCommand[]): Promise<ReadonlyMap<string, Probe>> {
    const { store, stream, probe } = this.#options
    const wantsAny = batch.some(({ command }) => probesWanted(this.state, command, Infinity).length > 0)
    if (!wantsAny && store.deadlineMs === undefined) return NO_PROBES
    const nowMs = await store.now(stream)
    const processes = batch.flatMap(({ command }) => probesWanted(this.state, command, nowMs))
    return processes.length === 0 ? NO_PROBES : probe(processes, this.state.config.probeCount)
  }

  #decide(batch: readonly QueuedCommand[], view: CommitView, probes: ReadonlyMap<string, Probe>): readonly Decided[] {
    const { fold } = this.#options
    fold.toldClock(view.nowMs)
    fold.absorb(view.entries)
    const { ownClock } = fold
    const trial = new Trial(this.state, view.nowMs)
    const decided: Decided[] = []
    let bytes = 0
    let isBegun = false
    const commandIds = new Set<CommandId>()
    for (const waiting of batch) {
      const { commandId } = waiting.command
      // The same again, sent while the first is decided: what became of the first, the log says then.
      if (commandIds.has(commandId)) {
        decided.push({ waiting, events: [], outcome: null })
        continue
      }
      commandIds.add(commandId)
      const isGone = waiting.sender.isGone?.() === true
      const before = isGone ? 'nobody' : this.#earlier.answerTo(waiting, trial, view.nowMs)
      if (before !== null) {
        decided.push({ waiting, events: [], outcome: before })
        continue
      }
      const evidence: Evidence = { probes, predicates: waiting.predicates }
      // Its turn comes with the next group; till then its state would be made into text for nothing.
      if (isBegun && waiting.aside !== null) break
      const command: Command = waiting.aside?.commandOn(this.state) ?? waiting.command
      const decision = decide(trial.state(), command, { nowMs: view.nowMs, ownClock, evidence })
      const outcome = decision.kind === 'final' ? decision.outcome : null
      const events = decision.events.map((event, index) => ownEvent(waiting, event, { index, own: this.#actor }))
      if (events.some(({ type }) => type === 'CHECKPOINT')) {
        // What it writes down must be durable and read back. The trial is neither: its times are guesses. And alone: a
        // large state that others overtake fails alone, and a beat behind it goes on.
        if (!isBegun) decided.push({ waiting, events, outcome })
        break
      }
      bytes += events.reduce((sum, event) => sum + bytesOf(event), 0)
      if (bytes > BATCH_BYTES_MAX && decided.length > 0) break
      isBegun ||= events.length > 0
      trial.add(decision.events, events)
      decided.push({ waiting, events, outcome })
    }
    return decided
  }

  #answer(batch: readonly QueuedCommand[], decided: readonly Decided[]): void {
    const again: QueuedCommand[] = []
    for (const { waiting, events, outcome } of decided) {
      waiting.appended += events.length
      if (outcome === null) again.push(waiting)
      else if (outcome === 'search') this.#earlier.begin(waiting)
      else if (outcome === 'nobody') waiting.reject(new StoreError('unavailable', 'Whoever asked for this is gone.'))
      else if (outcome.outcome === 'blocked') waiting.reject(blockedError(outcome))
      else waiting.resolve(freshLeases(this.state, outcome))
    }
    this.#queue.unshift(...again, ...batch.slice(decided.length))
  }
}

/** A decision that did not fit one append: its first part stands in the log. */
function partWritten(cause: StoreError): StoreError {
  const message = `${cause.message} A part of what was asked for was written already; ask again with the same request id, or read back.`
  return new StoreError('timeout-unknown-outcome', message, { cause })
}

function blockedError({ code, message }: Extract<Outcome, { outcome: 'blocked' }>): StoreError {
  return new StoreError(code === 'not-founded' ? 'invalid' : code, message)
}
