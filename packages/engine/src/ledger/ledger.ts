import { randomUUID } from 'node:crypto'
import {
  isExpired,
  liveLeases,
  type AcquireOutcome,
  type AdoptOutcome,
  type CheckpointOutcome,
  type Command,
  type Configuration,
  type CountedTimes,
  type EpochMs,
  type HeartbeatOutcome,
  type IntentOutcome,
  type Lease,
  type LedgerId,
  type LedgerState,
  type LogEntry,
  type OutcomeOf,
  type ProcessIdentity,
  type ReleaseOutcome,
  type ScavengeOutcome,
  type WithdrawOutcome,
  type WriteOutcome,
  type WorkTree,
} from '@holdfast/core'
import { findLease, isHolders } from '@holdfast/core/internal'
import type { Head, LogStore } from '@holdfast/store'
import { continuesAt, withinDeadline } from '@holdfast/store/internal'
import { checkFunction, checkObject, checkOptions } from '../check-given.ts'
import { parseDuration, type DurationInput } from '../duration.ts'
import type { HoldContext } from '../hold/hold-context.ts'
import { HeldLease } from '../hold/held-lease.ts'
import { HeldRegistry } from '../hold/held-registry.ts'
import { checkedTraceparent, checkTraceable } from '../pipeline/checked-traceparent.ts'
import type { QueueFull } from '../pipeline/queue-full.ts'
import type { CommandOptions } from '../pipeline/sender.ts'
import type { Commands, LeaseListener } from './commands.ts'
import type { LedgerParts } from './ledger-parts.ts'
import { OwnCommands } from './own-commands.ts'
import {
  acquireCommand,
  commandOf,
  haltCommand,
  heartbeatCommand,
  releaseCommand,
  spawnCommand,
  writeCommand,
  type AcquireRequest,
  type AdoptRequest,
  type CheckpointRequest,
  type HaltRequest,
  type HeartbeatRequest,
  type ReleaseRequest,
  type ScavengeRequest,
  type SpawnRequest,
  type WriteRequest,
} from '../pipeline/requests.ts'
import type { CheckOutcome, HoldOutcome, HoldRequest, WaitOptions } from './hold-request.ts'
import { Tail } from './tail.ts'
import type { Sent } from './wait-limits.ts'

/**
 * One ledger, open for commands and questions. Every command answers with one of its closed outcomes; it rejects with
 * an `InputError` for a request that cannot be understood and with a `StoreError` when the store fails or may not be
 * written. Commands and outcomes are plain data.
 */
export class Ledger implements AsyncDisposable {
  readonly #parts: LedgerParts
  readonly #commands: Commands
  readonly #tail: Tail
  readonly #held = new HeldRegistry()

  constructor(parts: LedgerParts) {
    this.#parts = parts
    const { store, stream, timers, fold, through } = parts
    this.#tail = new Tail({
      store,
      stream,
      timers,
      startAfter: () => fold.after,
      fold: entries => fold.hear(entries),
    })
    const own = new OwnCommands(parts, this.#tail)
    this.#commands = through?.(own) ?? own
  }

  /** For messages; holds no secret. */
  get url(): string {
    return this.#parts.store.url
  }

  /** The store beneath, for projections. */
  get store(): LogStore {
    return this.#parts.store
  }

  /** The ledger's stream in the store. */
  get stream(): string {
    return this.#parts.stream
  }

  /** The process that acts through this ledger. */
  get actor(): ProcessIdentity | null {
    return this.#parts.process
  }

  /** The work tree of requests that name none; `null`: unknown. */
  get workTree(): WorkTree | null {
    return this.#parts.workTree
  }

  get ledgerId(): LedgerId {
    const { ledgerId } = this.state
    if (ledgerId === null) throw new Error('an open ledger has an id')
    return ledgerId
  }

  /** Whether opening it has made it: there was no such ledger before. */
  get made(): boolean {
    return this.#parts.made
  }

  /** The newest revision that this ledger object has seen. */
  get head(): Head {
    return this.#commands.known
  }

  /** Whether a command of this ledger object has put anything into the log, without the help of a server. */
  get hasWritten(): boolean {
    return this.#commands.hasWritten
  }

  get config(): Configuration {
    return this.state.config
  }

  /** The state through the newest revision that was read (behind a server that may be before `head`). It belongs to the ledger: read it, and fork it to keep it. `refresh` reads on. */
  get state(): LedgerState {
    return this.#parts.fold.state
  }

  /** The log clock. */
  now(): Promise<EpochMs> {
    return this.#parts.store.now(this.stream)
  }

  /** Reads what others have written and gives the state. It belongs to the ledger: read it, and fork it to keep it. */
  refresh(): Promise<LedgerState> {
    const { store, stream, fold } = this.#parts
    return this.#inTime(async () => {
      await fold.learnClock(() => this.now())
      const { after } = fold
      for await (const entries of store.read(stream, after === 'none' ? {} : { from: after })) fold.absorb(entries)
      return fold.state
    })
  }

  /** Asks for a lease, and waits for it if told to. */
  async acquire(request: AcquireRequest, options: WaitOptions = {}): Promise<AcquireOutcome | QueueFull> {
    return (await this.#acquire(request, options, { timed: false })).outcome
  }

  /**
   * Asks for a lease that beats by itself until it is disposed of: one lane, or the first admissible of several. With
   * `allOf` every one of them does, and each is to be disposed of.
   */
  async hold(request: HoldRequest): Promise<HoldOutcome> {
    checkObject(request, 'request')
    const { wait, signal, predicates, onRefused, traceparent, beatEvery, ...asked } = request
    checkBeatEvery(beatEvery)
    const bound = { ...asked, process: asked.process === undefined ? this.actor : asked.process }
    const { outcome, sentAtBootMs } = await this.#acquire(
      bound,
      { wait, signal, predicates, onRefused, traceparent },
      { timed: true },
    )
    if (outcome.outcome !== 'granted') return outcome
    const options = { sentAtBootMs: outcome.repeated ? null : sentAtBootMs, beatEvery }
    const lease = this.#holdGranted(outcome.lease, options)
    const others = outcome.leases.filter(({ leaseId }) => leaseId !== lease.leaseId)
    const leases = [lease, ...others.map(other => this.#holdGranted(other, options))] as const
    const { evicted, mergeRisks, moreMergeRisks } = outcome
    return { outcome: 'granted', lease, leases, evicted, mergeRisks, moreMergeRisks }
  }

  async heartbeat(request: HeartbeatRequest, options: CommandOptions = {}): Promise<HeartbeatOutcome | QueueFull> {
    return this.#submit<'heartbeat'>(heartbeatCommand(request, this.config), options)
  }

  async release(request: ReleaseRequest, options: CommandOptions = {}): Promise<ReleaseOutcome | QueueFull> {
    return this.#submit<'release'>(releaseCommand(request, this.config), options)
  }

  async adopt(request: AdoptRequest, options: CommandOptions = {}): Promise<AdoptOutcome | QueueFull> {
    checkObject(request, 'request')
    return this.#submit<'adopt'>(commandOf(this.config, { ...request, type: 'adopt' }), options)
  }

  /** Adopts a lease and holds it: it beats by itself, bound to this process unless told otherwise. */
  async holdAdopted(
    request: AdoptRequest & { readonly beatEvery?: DurationInput | undefined },
    options: CommandOptions = {},
  ): Promise<HoldOutcome | Exclude<AdoptOutcome, { readonly outcome: 'adopted' }>> {
    checkObject(request, 'request')
    const { beatEvery, ...rest } = request
    checkBeatEvery(beatEvery)
    const bound = { ...rest, process: rest.process === undefined ? this.actor : rest.process }
    const sentAtBootMs = this.#parts.boot.nowMs()
    const outcome = await this.adopt(bound, options)
    if (outcome.outcome !== 'adopted') return outcome
    const lease = this.#holdGranted(outcome.lease, { sentAtBootMs, beatEvery })
    return { outcome: 'granted', lease, leases: [lease], evicted: [], mergeRisks: [], moreMergeRisks: 0 }
  }

  async scavenge(request: ScavengeRequest, options: CommandOptions = {}): Promise<ScavengeOutcome | QueueFull> {
    checkObject(request, 'request')
    return this.#submit<'scavenge'>(commandOf(this.config, { ...request, type: 'scavenge' }), options)
  }

  async halt(request: HaltRequest, options: CommandOptions = {}): Promise<IntentOutcome | QueueFull> {
    return this.#submit<'halt'>(haltCommand(request, this.config), options)
  }

  async spawn(request: SpawnRequest, options: CommandOptions = {}): Promise<IntentOutcome | QueueFull> {
    return this.#submit<'spawn'>(spawnCommand(request, this.config), options)
  }

  /**
   * Asks whether files may be written as far as others are concerned, and records where somebody else's claim is in the way. It
   * claims nothing, and says nothing of what is in nobody's region.
   */
  async write(request: WriteRequest, options: CommandOptions = {}): Promise<WriteOutcome | QueueFull> {
    checkObject(request, 'request')
    const placed = request.workTree === undefined ? { ...request, workTree: this.workTree } : request
    return this.#submit<'write'>(writeCommand(placed, this.config), options)
  }

  /** Gives up a place in the line. */
  async withdraw(
    request: { readonly holder: string; readonly requestId: string },
    options: CommandOptions = {},
  ): Promise<WithdrawOutcome | QueueFull> {
    checkObject(request, 'request')
    return this.#submit<'withdraw'>(commandOf(this.config, { ...request, type: 'withdraw' }), options)
  }

  /** Changes the configuration that decides, for everybody. */
  async configure(config: Configuration, reason = ''): Promise<CheckpointOutcome | QueueFull> {
    return this.#commands.submit<'configure'>(commandOf(this.config, { type: 'configure', config, reason }))
  }

  /** Records the decision that an unreadable entry may be passed over. */
  async repair(skip: number, reason = ''): Promise<CheckpointOutcome | QueueFull> {
    return this.#commands.submit<'repair'>(commandOf(this.config, { type: 'repair', skip, reason }))
  }

  /** Writes the state down at the head: what compaction, restore and move are made of. */
  async checkpoint(request: CheckpointRequest = {}): Promise<CheckpointOutcome | QueueFull> {
    checkObject(request, 'request')
    return this.#commands.checkpoint(commandOf(this.config, { ...request, type: 'checkpoint' }))
  }

  /**
   * Whether the lane is held at that token now, and open: a sample, true at the moment of the answer. Rejects with `moved`
   * where the ledger continues elsewhere.
   */
  async check(lane: string, token: number): Promise<CheckOutcome> {
    const named = commandOf(this.config, { type: 'release', lane, token, holder: '-' })
    const { state, nowMs } = await this.#inTime(async () => ({ state: await this.#here(), nowMs: await this.now() }))
    const found = findLease(state, named.lane, named.token)
    if (!('lease' in found)) return found
    const { lease } = found
    if (isExpired(lease, nowMs)) return { outcome: 'expired', lease }
    if (!isHolders(lease, nowMs)) return { outcome: 'in-grace', lease }
    const over = this.#parts.fold.drainsOver(lease, nowMs)
    if (over.length === 0) return { outcome: 'held', lease }
    return { outcome: 'draining', lease, untilMs: Math.max(...over.map(({ untilMs }) => untilMs)) as EpochMs }
  }

  /**
   * The lease's instants as this ledger object may count on them: the lease's own where the log clock cannot step, later
   * ones where it can and this object has not watched the lease long enough on the own clock. By these others end it.
   */
  countedTimes(lease: Lease, nowMs: EpochMs): CountedTimes {
    checkObject(lease, 'lease')
    return this.#parts.fold.countedTimes(lease, nowMs)
  }

  /** The live set, expired leases included, as of now. Rejects with `moved` where the ledger continues elsewhere. */
  async leases(): Promise<readonly Lease[]> {
    return liveLeases(await this.#here())
  }

  /** Hears every entry that the log gets from now on; what the listener throws is lost. The returned function ends it. */
  listen(listener: (entries: readonly LogEntry[]) => void): () => void {
    checkFunction(listener, 'listener')
    const { known } = this.#commands
    // What others have decided for this process it may not have read yet.
    if (known === 'none' || known === this.#parts.fold.after) return this.#tail.listen(listener)
    return this.#tail.listen(entries => {
      const news = entries.filter(({ revision }) => revision > known)
      if (news.length > 0) listener(news)
    })
  }

  /** Settles what is under way, stops listening and closes the store. Leases that are held are left to expire. */
  async close(): Promise<void> {
    for (const held of this.#held.all()) held.abandon()
    await this.#commands.close()
    const { store, stream, fold } = this.#parts
    await fold.cache(store, stream)
    await store.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** One deadline over all that a call asks of the store. */
  #inTime<T>(run: () => Promise<T>): Promise<T> {
    return withinDeadline(this.#parts.store.deadlineMs ?? Infinity, run)
  }

  /** The state, as long as it is true: that of a ledger which continues elsewhere is not. */
  async #here(): Promise<LedgerState> {
    const state = await this.refresh()
    if (state.movedTo !== null) throw continuesAt(this.url, state.movedTo)
    return state
  }

  /** `timed`: whether somebody will count from the sending, which has its price. */
  async #acquire(
    request: AcquireRequest,
    options: WaitOptions,
    { timed }: { readonly timed: boolean },
  ): Promise<Pick<Sent<AcquireOutcome | QueueFull>, 'outcome'> & { readonly sentAtBootMs: number | null }> {
    checkObject(request, 'request')
    checkOptions(options, WAIT_OPTIONS)
    const waits = options.wait !== undefined
    const traced = this.#traced(options)
    const placed = request.workTree === undefined ? { ...request, workTree: this.workTree } : request
    const withId = waits && placed.requestId === undefined ? { ...placed, requestId: randomUUID() } : placed
    const command = acquireCommand(withId, this.config, waits)
    if (!waits) {
      const sentAtBootMs = timed ? this.#parts.boot.nowMs() : null
      const outcome = await this.#commands.submit<'acquire'>(command, options.predicates, traced)
      return { outcome, sentAtBootMs }
    }
    const { wait = 0, traceparent: _traced, ...waiting } = options
    return this.#commands.acquireWaiting(command, { ...waiting, spanMs: parseDuration(wait, 'wait') }, traced)
  }

  #submit<T extends Command['type']>(
    command: Extract<Command, { readonly type: T }>,
    options: CommandOptions,
  ): Promise<OutcomeOf[T] | QueueFull> {
    return this.#commands.submit<T>(command, undefined, this.#traced(options))
  }

  /** What goes with a command besides, checked. */
  #traced(options: CommandOptions): CommandOptions | undefined {
    const traceparent = checkedTraceparent(options)
    if (traceparent === undefined) return undefined
    checkTraceable(this.actor)
    return { traceparent }
  }

  #holdGranted(
    lease: Lease,
    options: { readonly sentAtBootMs: number | null; readonly beatEvery: DurationInput | undefined },
  ): HeldLease {
    const { timers, boot } = this.#parts
    const context = {
      timers,
      boot,
      ledger: this.config,
      commands: this.#commands,
      aligned: this.#aligned,
      forget: () => this.#forget(held),
    }
    const held = new HeldLease(context, { lease, ...options })
    this.#held.add(held)
    this.#commands.watch(lease, this.#listener)
    return held
  }

  readonly #aligned: HoldContext['aligned'] = (atBootMs, beatEveryMs) => this.#held.aligned(atBootMs, beatEveryMs)

  readonly #forget = (held: HeldLease): void => {
    this.#held.forget(held)
    this.#commands.unwatch(held.lease)
  }

  readonly #listener: LeaseListener = {
    entries: entries => {
      for (const entry of entries) {
        for (const held of this.#held.concernedBy(entry)) held.observe(entry)
      }
    },
    pending: ({ leaseId }, halts) => {
      for (const held of this.#held.of(leaseId)) held.observePending(halts)
    },
  }
}

/** What may stand beside a request, without the span, which is read by itself. */
const WAIT_OPTIONS = { signal: 'signal', predicates: 'list', onRefused: 'function' } as const

/** Looked at before anything is asked for: a lease must not be granted to a request that is then rejected. */
function checkBeatEvery(beatEvery: DurationInput | undefined): void {
  if (beatEvery !== undefined) parseDuration(beatEvery, 'beatEvery')
}
