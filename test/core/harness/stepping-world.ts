import {
  decide,
  drainsOver,
  evolve,
  fold,
  initialState,
  OwnWatch,
  type Command,
  type Decision,
  type EpochMs,
  type Evidence,
  type LedgerState,
  type Outcome,
  type OwnClock,
  type Surroundings,
} from '@holdfast/core'
import { conflictBetween } from '@holdfast/core/internal'
import { atMs, type Config } from './alphabet.ts'
import { CoreLedger } from './core-ledger.ts'
import { TrueTime } from './true-time.ts'

export type Watch = Pick<OwnWatch, 'told' | 'heard' | 'read' | 'at'>

/** What a world does wrong on purpose. */
export interface Flaws {
  readonly decide?: (state: LedgerState, command: Command, around: Surroundings) => Decision<Outcome>
  readonly watch?: () => Watch
  readonly evolve?: typeof evolve
  /** What keeps a guard closed. */
  readonly drainsOver?: typeof drainsOver
}

interface Decider {
  /** Its own clock counts from another instant than anybody else's. */
  readonly bootMs: number
  watch: Watch
  state: LedgerState
}

/**
 * One true time, a log clock that steps against it, forwards and back, and deciders that each have their own clock and
 * read the log at their own times. No step takes the log clock further from the true time than the bound.
 */
export class SteppingWorld {
  trueMs = 0
  readonly ledger: CoreLedger
  readonly truth = new TrueTime()
  readonly #deciders: Decider[]
  readonly #flaws: Flaws
  readonly #listening: readonly number[]
  #skewMs = 0
  #now: { readonly command: Command; readonly decider: Decider } | null = null
  #audited = 0

  constructor(
    options: {
      readonly config?: Partial<Config>
      readonly deciders?: number
      readonly compactBetween?: boolean
      /** Deciders that hear of everything at once; the others read when they are told to, or decide. */
      readonly listening?: readonly number[]
      readonly flaws?: Flaws
    } = {},
  ) {
    const { config, deciders = 2, compactBetween = false, listening = [], flaws = {} } = options
    this.#listening = listening
    this.#flaws = flaws
    this.ledger = new CoreLedger({
      ...(config && { config }),
      compactBetween,
      ...(flaws.evolve && { evolve: flaws.evolve }),
      decide: (state, command, around) => (flaws.decide ?? decide)(state, command, this.#around(around)),
    })
    this.#audited = this.ledger.state.head
    this.#deciders = Array.from({ length: deciders }, (_, index) => ({
      bootMs: 1000 * (index + 1),
      watch: this.#newWatch(),
      state: initialState(),
    }))
    for (const index of this.#deciders.keys()) this.restart(index)
  }

  /** The log clock. */
  get logMs(): EpochMs {
    return atMs(Math.max(this.ledger.state.clockMs, this.trueMs + this.#skewMs))
  }

  /** The leader changes: its clock is ahead of the true time by `skewMs` from now on, at most by the bound. */
  elect(skewMs: number): void {
    this.#skewMs = Math.min(skewMs, this.ledger.state.config.clockStepBoundMs)
  }

  /** A decider reads what it has not read yet. */
  read(index: number): void {
    this.#read(this.#decider(index))
  }

  /** A process ends and another begins: it reads history, and has watched nothing. */
  restart(index: number): void {
    const decider = this.#decider(index)
    decider.watch = this.#newWatch()
    decider.state = fold(this.ledger.log)
  }

  /** A decider decides on the true head, as a commit does. */
  run(index: number, command: Command, evidence?: Evidence): Outcome {
    const decider = this.#decider(index)
    this.ledger.at(this.logMs)
    decider.watch.told(this.logMs, this.#ownMs(decider))
    this.#read(decider)
    this.#now = { command, decider }
    const outcome: Outcome = this.ledger.run(command, evidence)
    this.#audit(command)
    this.#read(decider)
    for (const listener of this.#listening) this.read(listener)
    this.#checkGuards(decider)
    return outcome
  }

  ownClock(index: number): OwnClock {
    const decider = this.#decider(index)
    return decider.watch.at(this.#ownMs(decider))
  }

  #around(around: Pick<Surroundings, 'nowMs' | 'evidence'>): Surroundings {
    const decider = this.#now?.decider
    // Genesis is decided before there is anybody.
    return decider === undefined ? around : { ...around, ownClock: decider.watch.at(this.#ownMs(decider)) }
  }

  #read(decider: Decider): void {
    const ownMs = this.#ownMs(decider)
    const fresh = this.ledger.log.filter(({ revision }) => revision > decider.state.head)
    for (const { recordedAt } of fresh) decider.watch.heard(recordedAt, ownMs)
    for (const entry of fresh) {
      decider.watch.read(decider.state, entry, ownMs)
      decider.state = evolve(decider.state, entry)
    }
  }

  #audit(command: Command): void {
    const { config } = this.ledger.state
    for (const entry of this.ledger.log) {
      if (entry.revision <= this.#audited) continue
      this.#audited = entry.revision
      this.truth.append({ entry, trueMs: this.trueMs, command, config })
    }
  }

  /** No guard of a later token opens over what somebody forced out may still believe. */
  #checkGuards(decider: Decider): void {
    const { state } = this.ledger
    const believed = this.truth.believed(this.trueMs)
    const over = this.#flaws.drainsOver ?? drainsOver
    const ownClock = decider.watch.at(this.#ownMs(decider))
    for (const lease of believed.size === 0 ? [] : state.leases.values()) {
      const known = new Set(over(state, lease, this.logMs, ownClock).map(({ token }) => token))
      for (const [token, covering] of believed) {
        const closed = token < lease.token && conflictBetween(covering, lease, state.config) !== null
        if (closed && !known.has(token))
          throw new Error(`the guard of ${lease.leaseId} opens at ${this.trueMs} over ${token}`)
      }
    }
  }

  #newWatch(): Watch {
    return this.#flaws.watch?.() ?? new OwnWatch()
  }

  #ownMs({ bootMs }: Decider): number {
    return bootMs + this.trueMs
  }

  #decider(index: number): Decider {
    const decider = this.#deciders[index % this.#deciders.length]
    if (decider === undefined) throw new Error('a world has at least one decider')
    return decider
  }
}
