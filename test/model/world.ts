import {
  decide,
  drainsOver,
  evolve,
  fork,
  initialState,
  parseEntry,
  recordNext,
  type Command,
  type Evidence,
  type Lease,
  type LedgerState,
  type LogEntry,
  type Outcome,
  type RawEntry,
} from '@holdfast/core'
import { isHolders } from '@holdfast/core/internal'
import { atMs, LEDGER_ID, nextCommandId, nextEventId, type Config } from '../core/harness/alphabet.ts'
import { commandOf } from '../core/harness/commands.ts'
import { OwnLedger } from './own-ledger.ts'
import { excludes, type OwnClaim, type OwnSettings } from './own-rules.ts'

/** What of core is tried; a planted bug replaces a part. */
export interface Tried {
  readonly decide: (
    state: LedgerState,
    command: Command,
    around: Parameters<typeof decide>[2],
  ) => ReturnType<typeof decide>
  readonly evolve: typeof evolve
  readonly drainsOver: typeof drainsOver
  readonly isHolders: typeof isHolders
}

export const CORE_AS_IT_IS: Tried = { decide, evolve, drainsOver, isHolders }

/** Appends of one command; past it the search is caught in a loop. */
const APPENDS_MAX = 20

/** What somebody who was granted something knows of it, and nothing else. */
export interface Belief extends OwnClaim {
  readonly lease: Lease
  readonly pid: number | null
  /** Until when he may act, from the sending of the newest beat that he knows was taken. In true time. */
  deadlineMs: number
  /** The log as he has read it last. */
  fold: LedgerState
  /** Log clock minus true time, where he reads it. */
  clockMs: number
  /** He has stopped, or was told that it is not his any more. */
  over: boolean
}

interface Backup {
  readonly state: LedgerState
  readonly log: readonly LogEntry[]
  readonly own: OwnLedger
  readonly clockMs: number
}

/** A ledger of core under a true time, the holders with what each of them knows, and the model's own reading of the log. */
export class World {
  nowMs = 0
  state: LedgerState = initialState()
  log: LogEntry[] = []
  own = new OwnLedger()
  beliefs: Belief[] = []
  backups: Backup[] = []
  readonly dead = new Set<number>()
  readonly #tried: Tried
  /** Log clock minus true time: a move sets it back by what the move took. */
  #clockMs = 0
  /** How many of a kind may act although its budget is smaller: a configuration found them acting. */
  readonly #excess = new Map<string, number>()
  /** Pairs that a restore set apart, of a history that nobody can reach any more. */
  readonly #setApart = new Set<string>()

  constructor(config: Config, tried: Tried = CORE_AS_IT_IS) {
    this.#tried = tried
    this.run(commandOf({ type: 'found', commandId: nextCommandId(), ledgerId: LEDGER_ID, config }))
  }

  get logMs(): number {
    return this.nowMs + this.#clockMs
  }

  /** Decides and appends a command. `sentMs`: when its sender sent it, in true time. */
  run(command: Command, { evidence, sentMs = this.nowMs, told = true }: Sending = {}): Outcome {
    const before = this.own.settings
    for (let round = 0; round < APPENDS_MAX; round += 1) {
      const decision = this.#tried.decide(this.state, command, { nowMs: atMs(this.logMs), evidence })
      for (const event of decision.events) {
        const recorded = recordNext(this.state, event, { nowMs: atMs(this.logMs), eventId: nextEventId() })
        this.#push(command, parseEntry(JSON.parse(JSON.stringify(recorded)) as RawEntry))
      }
      if (decision.kind === 'again') continue
      if (told) this.#hear(command, decision.outcome, sentMs)
      this.#allowExcess(before)
      return decision.outcome
    }
    throw new Error(`${command.type} was decided ${APPENDS_MAX} times without an end`)
  }

  /** A CHECKPOINT at the head, and nothing before it. */
  compact(): void {
    const outcome = this.run(commandOf({ type: 'checkpoint', commandId: nextCommandId() }))
    const last = this.log.at(-1)
    if (outcome.outcome !== 'checkpointed' || last === undefined) return
    this.log = [last]
    this.state = this.#tried.evolve(initialState(), last)
  }

  backUp(): void {
    this.backups.push({ state: this.state, log: [...this.log], own: this.own.copy(), clockMs: this.#clockMs })
  }

  /** Everything since the backup is gone, for everybody; who believes in something goes on believing. */
  restore(which: number): void {
    const backup = this.backups[which % Math.max(1, this.backups.length)]
    if (backup === undefined) return
    const lost = this.own.settings
    this.state = backup.state
    this.#clockMs = backup.clockMs
    this.log = [...backup.log]
    this.own = backup.own.copy()
    // One that is older than the ledger that goes on now would give its revisions once more (docs/adr/0009).
    this.backups = []
    const step = 1_000
    const offset = this.state.offset + (Math.floor(this.state.head / step) + 1) * step - (this.state.head + 1)
    this.run(commandOf({ type: 'checkpoint', commandId: nextCommandId(), restored: { force: false }, offset }))
    const believing = this.beliefs.filter(belief => this.#mayAct(belief))
    for (const a of believing) {
      for (const b of believing) if (!excludes(a, b, lost)) this.#setApart.add(pairOf(a, b))
    }
    this.#allowExcess(lost)
  }

  /** A move that takes `tookMs`: the clock goes on from where it stood. */
  move(tookMs: number): void {
    if (this.run(checkpoint({ movedTo: 'esdb://there' })).outcome !== 'checkpointed') return
    this.pass(tookMs)
    this.#clockMs = Math.min(this.#clockMs, this.#newestMs() - this.nowMs)
    this.run(checkpoint({ arrivedAt: 'esdb://there', clockOffset: this.#clockMs }))
  }

  /** Lets time pass and looks at every instant on the way. */
  pass(spanMs: number): void {
    for (let passed = 0; passed < spanMs; passed += 1) {
      this.nowMs += 1
      this.check()
    }
  }

  kill(pid: number): void {
    this.dead.add(pid)
    for (const belief of this.beliefs) if (belief.pid === pid) belief.over = true
  }

  /** No two who may act exclude each other, and no kind has more of them than its budget. */
  check(): void {
    this.beliefs = this.beliefs.filter(belief => !belief.over && (this.#mayAct(belief) || this.#isLive(belief)))
    const open = this.beliefs.filter(belief => this.#isOpen(belief))
    for (const [index, a] of open.entries()) {
      for (const b of open.slice(0, index)) {
        if (!excludes(a, b, this.own.settings) || this.#setApart.has(pairOf(a, b))) continue
        throw new Error(`at ${this.nowMs} both may act: ${nameOf(a)} and ${nameOf(b)}`)
      }
    }
    for (const [kind, budget] of this.own.settings.budgets) {
      const acting = open.filter(belief => belief.kind === kind)
      const allowed = Math.max(budget, this.#excess.get(kind) ?? 0)
      if (acting.length > allowed) {
        throw new Error(`at ${this.nowMs} ${acting.map(nameOf).join()} may act, and the budget of ${kind} is ${budget}`)
      }
      this.#excess.set(kind, Math.min(allowed, this.beliefs.filter(belief => belief.kind === kind).length))
    }
  }

  #push(command: Command, entry: LogEntry): void {
    this.own.take(entry, { command, dead: this.dead })
    this.log.push(entry)
    // Each state stays as it is: holders and backups look at old ones.
    this.state = this.#tried.evolve(fork(this.state), entry)
  }

  /** What the sender of a command learns from its answer. */
  #hear(command: Command, outcome: Outcome, sentMs: number): void {
    if (outcome.outcome === 'granted' && !outcome.repeated) {
      for (const lease of outcome.leases) this.#believe(lease, sentMs)
      return
    }
    if (outcome.outcome === 'adopted') return this.#believe(outcome.lease, sentMs)
    if (command.type === 'scavenge' && outcome.outcome === 'scavenged') return this.#closed(command)
    const belief = 'token' in command ? this.beliefs.find(({ lease }) => lease.token === command.token) : undefined
    if (belief === undefined || !('holder' in command) || command.holder !== belief.lease.holder) return
    if (command.type === 'release' && outcome.outcome !== 'blocked' && outcome.outcome !== 'refused') belief.over = true
    if (command.type !== 'heartbeat') return
    if (outcome.outcome === 'not-held' || outcome.outcome === 'stale-token') belief.over = true
    if (outcome.outcome !== 'beaten' || outcome.coalesced) return
    belief.fold = this.state
    belief.clockMs = this.#clockMs
    const spanMs = Math.max(outcome.lease.ttlMs, outcome.lease.activity?.grantedMs ?? 0)
    // A deadline that has passed stays passed; a shell reads the log anew instead.
    if (this.nowMs < belief.deadlineMs) belief.deadlineMs = Math.max(belief.deadlineMs, sentMs + spanMs)
  }

  /** A reaper has closed its own claim. */
  #closed({ token, holder }: Extract<Command, { type: 'scavenge' }>): void {
    for (const belief of this.beliefs) {
      if (belief.lease.token === token && belief.lease.holder === holder && belief.lease.claim !== null)
        belief.over = true
    }
  }

  #believe(lease: Lease, sentMs: number): void {
    const { lane, mode, kind, region, process, ttlMs } = lease
    const claim = { lane, mode, kind, globs: region }
    const knows = { deadlineMs: sentMs + ttlMs, fold: this.state, clockMs: this.#clockMs, over: false }
    this.beliefs.push({ ...claim, ...knows, lease, pid: process?.pid ?? null })
  }

  #isOpen(belief: Belief): boolean {
    const { lease, fold, clockMs } = belief
    const live = this.#isLive(belief) ? this.state.leases.get(lease.leaseId) : undefined
    // A shell asks `guard check`: it believes the log, as it is now.
    if (live !== undefined && this.#tried.isHolders(live, this.logMs) && this.#isClear(this.state, live, this.logMs))
      return true
    // A process that holds counts from its own beats, and may have read nothing since the last one.
    if (!this.#mayAct(belief)) return false
    return (
      this.#isClear(fold, lease, this.nowMs + clockMs) ||
      (live !== undefined && this.#isClear(this.state, live, this.logMs))
    )
  }

  #isClear(state: LedgerState, lease: Lease, logMs: number): boolean {
    return this.#tried.drainsOver(state, lease, logMs).length === 0
  }

  #mayAct({ over, deadlineMs }: Belief): boolean {
    return !over && this.nowMs < deadlineMs
  }

  #isLive({ lease }: Belief): boolean {
    return this.state.leases.get(lease.leaseId)?.token === lease.token
  }

  /**
   * A budget below what is held is taken: whoever holds then or may still come to act goes on, also one whose guard waits,
   * for he need not have read of it. Nobody is added.
   */
  #allowExcess({ budgets }: OwnSettings): void {
    for (const [kind, budget] of this.own.settings.budgets) {
      if ((budgets.get(kind) ?? Number.POSITIVE_INFINITY) <= budget) continue
      const live = this.own.live.filter(owned => owned.kind === kind)
      const believing = this.beliefs.filter(belief => belief.kind === kind && !belief.over)
      this.#excess.set(kind, Math.max(live.length, believing.length))
    }
  }

  #newestMs(): number {
    return this.log.at(-1)?.recordedAt ?? this.logMs
  }
}

export interface Sending {
  readonly evidence?: Evidence | undefined
  readonly sentMs?: number | undefined
  /** Whether the answer reaches the sender. */
  readonly told?: boolean | undefined
}

function checkpoint(more: { movedTo?: string; arrivedAt?: string; clockOffset?: number }): Command {
  return commandOf({ type: 'checkpoint', commandId: nextCommandId(), ...more })
}

function pairOf(a: Belief, b: Belief): string {
  return [nameOf(a), nameOf(b)].sort().join(' ')
}

function nameOf({ lease }: Belief): string {
  return `${lease.holder}:${lease.leaseId}@${lease.token}`
}
