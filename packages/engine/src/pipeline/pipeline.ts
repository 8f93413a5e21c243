import {
  decide,
  evolve,
  fork,
  probesWanted,
  recordNext,
  type CheckpointOutcome,
  type Command,
  type CommandId,
  type DrainingEntry,
  type EpochMs,
  type EventId,
  type Evidence,
  type Lease,
  type LedgerState,
  type Outcome,
  type OutcomeOf,
  type PredicateVerdict,
  type Probe,
  type ProcessIdentity,
  type ProposedEvent,
} from '@holdfast/core'
import {
  actorAsRead,
  asRecorded,
  readsAsWritten,
  SCHEMA_VERSION,
  type CheckpointCommand,
} from '@holdfast/core/internal'
import { StoreError, type CommitView, type Head, type LogStore, type NewEvent } from '@holdfast/store'
import { APPEND_BYTES_MAX, bytesOf, remainingMs, withinDeadline, withoutDeadline } from '@holdfast/store/internal'
import { earlierEvents, type EarlierEvents } from './earlier-events.ts'
import { earlierOutcome } from './earlier-outcome.ts'
import { eventIdOf } from './event-id.ts'
import { freshLeases } from './fresh-leases.ts'
import type { QueueFull } from './queue-full.ts'
import type { Sender } from './sender.ts'
import { StateAside } from './state-aside.ts'
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

const NOTHING_EARLIER = { events: [], wasTaken: false }

/** How often the log is searched for a command that may have been done before. */
const SEARCHES_MAX = 3

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

interface QueuedCommand {
  readonly command: Command
  readonly predicates: readonly PredicateVerdict[]
  /** Takes the state that a CHECKPOINT does not carry itself. */
  readonly aside: StateAside | null
  readonly sender: Sender
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
  /** When it has had its time, by the monotonic clock; the store's deadline counts from when it was given. */
  readonly endMs: number
  /** Events of this command that are in the log already: earlier parts of a decision that did not fit one append. */
  appended: number
  /** Its events that were there before it was sent here, and the last revision that was searched for them. */
  earlier: Pick<EarlierEvents, 'events' | 'wasTaken'>
  searchedThrough: Head | undefined
  searches: number
}

/** What a command is given besides. */
interface Besides {
  readonly aside?: StateAside | null
  readonly sender?: Sender | undefined
}

/** An event to append, with its id as the command gives it. */
type OwnEvent = NewEvent & { readonly eventId: EventId }

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
  /** This process as readers get it; `undefined`: not known, so that what it wrote is read back. */
  readonly #actor: ProcessIdentity | null | undefined
  readonly #queue: QueuedCommand[] = []
  #running: Promise<void> | null = null
  readonly #searches = new Set<Promise<void>>()
  #closed = false
  #hasWritten = false

  constructor(options: PipelineOptions) {
    this.#options = options
    this.#actor = actorAsRead(options.actor)
  }

  /** The state as of the newest event that this pipeline has seen. Fork it to keep it. */
  get state(): LedgerState {
    return this.#options.fold.state
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
    predicates: readonly PredicateVerdict[] = [],
    { aside = null, sender = {} }: Besides = {},
  ): Promise<OutcomeOf[T] | QueueFull> {
    if (this.#closed) return Promise.reject(new StoreError('unavailable', 'The ledger is closed.'))
    if (this.#queue.length >= (this.#options.queueMax ?? QUEUE_MAX)) return Promise.resolve({ outcome: 'queue-full' })
    const spanMs = Math.min(this.#options.store.deadlineMs ?? Infinity, remainingMs())
    const endMs = performance.now() + spanMs
    const answered = new Promise<Outcome>((resolve, reject) => {
      const { sentAfter: searchedThrough } = sender
      const settle = { resolve, reject, endMs }
      this.#enqueue({
        command,
        predicates,
        aside,
        sender,
        ...settle,
        appended: 0,
        earlier: NOTHING_EARLIER,
        searchedThrough,
        searches: 0,
      })
    })
    // `decide` answers a command of type T with an outcome of type T.
    return answered as Promise<OutcomeOf[T]>
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
    while (this.#searches.size > 0) {
      await Promise.all(this.#searches)
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
      const before = this.#doneBefore(waiting, trial, view.nowMs)
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
      const events = decision.events.map((event, index) => this.#newEvent(waiting, event, index))
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

  /** What a command that was sent before is answered without a decision; `null`: it is to be decided. */
  #doneBefore(waiting: QueuedCommand, trial: Trial, nowMs: EpochMs): Decided['outcome'] {
    const { command, sender, searchedThrough, earlier, appended } = waiting
    if (sender.isGone?.() === true) return 'nobody'
    if (searchedThrough === undefined) return null
    const { recent, ownClock } = this.#options.fold
    const isKnown = recent.coverAfter(searchedThrough)
    if (!isKnown || recent.has(eventIdOf(command.commandId, appended))) return 'search'
    return earlierOutcome(command, earlier, { state: trial.state(), nowMs, ownClock })
  }

  /** Looks for the events of a command, beside the queue; then it takes its turn again. */
  #search(waiting: QueuedCommand): void {
    const search = async (): Promise<void> => {
      try {
        waiting.searches += 1
        if (waiting.searches > SEARCHES_MAX) throw neverFound(waiting.command)
        const { store, stream } = this.#options
        const { commandId } = waiting.command
        const found = await earlierEvents({ store, stream }, commandId, waiting.sender.sentAfter ?? 'none')
        waiting.earlier = found
        waiting.appended = found.events.length
        waiting.searchedThrough = found.through
        this.#enqueue(waiting)
      } catch (error) {
        waiting.reject(error)
      }
    }
    const searching = withoutDeadline(search).finally(() => this.#searches.delete(searching))
    this.#searches.add(searching)
  }

  #newEvent({ command, appended, sender }: QueuedCommand, event: ProposedEvent, index: number): OwnEvent {
    const { type, data, runId, causation } = event
    const eventId = eventIdOf(command.commandId, appended + index)
    const actor = sender.actor === undefined ? this.#actor : actorAsRead(sender.actor)
    const proposed = { eventId, type, data, schemaVersion: SCHEMA_VERSION, runId, causation }
    if (actor === undefined || !readsAsWritten(event)) {
      return { ...proposed, actor: sender.actor === undefined ? this.#options.actor : sender.actor }
    }
    return { ...proposed, actor, asRecorded: at => asRecorded(event, { ...at, eventId, actor }) }
  }

  #answer(batch: readonly QueuedCommand[], decided: readonly Decided[]): void {
    const again: QueuedCommand[] = []
    for (const { waiting, events, outcome } of decided) {
      waiting.appended += events.length
      if (outcome === null) again.push(waiting)
      else if (outcome === 'search') this.#search(waiting)
      else if (outcome === 'nobody') waiting.reject(new StoreError('unavailable', 'Whoever asked for this is gone.'))
      else if (outcome.outcome === 'blocked') waiting.reject(blockedError(outcome))
      else waiting.resolve(freshLeases(this.state, outcome))
    }
    this.#queue.unshift(...again, ...batch.slice(decided.length))
  }
}

/** The state with what a group has decided so far. It is forked and folded on only when somebody decides after that. */
class Trial {
  readonly #base: LedgerState
  readonly #nowMs: EpochMs
  #fork: LedgerState | null = null
  #pending: (readonly [event: ProposedEvent, eventId: EventId])[] = []

  constructor(base: LedgerState, nowMs: EpochMs) {
    this.#base = base
    this.#nowMs = nowMs
  }

  add(proposed: readonly ProposedEvent[], events: readonly OwnEvent[]): void {
    for (const [index, event] of proposed.entries()) {
      const eventId = events[index]?.eventId
      if (eventId !== undefined) this.#pending.push([event, eventId])
    }
  }

  state(): LedgerState {
    if (this.#pending.length === 0) return this.#fork ?? this.#base
    let state = this.#fork ?? fork(this.#base)
    for (const [event, eventId] of this.#pending) {
      state = evolve(state, recordNext(state, event, { nowMs: this.#nowMs, eventId }))
    }
    this.#pending = []
    this.#fork = state
    return state
  }
}

/** A decision that did not fit one append: its first part stands in the log. */
function partWritten(cause: StoreError): StoreError {
  const message = `${cause.message} A part of what was asked for was written already; ask again with the same request id, or read back.`
  return new StoreError('timeout-unknown-outcome', message, { cause })
}

function neverFound({ type }: Command): StoreError {
  const message = `Whether this ${type} was done before is not known: the log grows faster than it can be searched, or what was written then is dropped from it. Read back what holds now.`
  return new StoreError('timeout-unknown-outcome', message)
}

function blockedError({ code, message }: Extract<Outcome, { outcome: 'blocked' }>): StoreError {
  return new StoreError(code === 'not-founded' ? 'invalid' : code, message)
}
