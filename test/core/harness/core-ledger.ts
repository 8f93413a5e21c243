import {
  decide,
  evolve,
  initialState,
  parseEntry,
  recordNext,
  type Command,
  type Decision,
  type EpochMs,
  type Evidence,
  type LedgerState,
  type LogEntry,
  type Outcome,
  type OutcomeOf,
  type ProposedEvent,
  type RawEntry,
  type RecordedEvent,
  type Revision,
  type Surroundings,
} from '@holdfast/core'
import { revisionAfter } from '@holdfast/core/internal'
import { atMs, LEDGER_ID, nextCommandId, nextEventId, SMALL, type Config } from './alphabet.ts'
import { commandOf } from './commands.ts'

export type Deciding = (
  state: LedgerState,
  command: Command,
  around: { readonly nowMs: EpochMs; readonly evidence?: Evidence | undefined },
) => Decision<Outcome>

/** Appends of one command; past it the test is caught in a loop. */
const APPENDS_MAX = 100

const GAP = 2

export interface CoreLedgerOptions {
  readonly config?: Partial<Config>
  /** Goes on from a copy of this log, instead of a genesis of its own. */
  readonly log?: readonly LogEntry[]
  /** Before each command: a CHECKPOINT, and everything before it gone. */
  readonly compactBetween?: boolean
  /** After each command two revisions stay unused, for a CHECKPOINT or a stray entry to be put there later. */
  readonly gaps?: boolean
  readonly decide?: Deciding
  readonly evolve?: typeof evolve
}

/**
 * A ledger of core alone at a virtual time: decides, gives revisions, writes each event down as JSON and reads it back,
 * as a store would. An event that decide proposes and that cannot be read back is a failure at once.
 */
export class CoreLedger {
  state: LedgerState = initialState()
  log: LogEntry[] = []
  nowMs: EpochMs = atMs(0)
  readonly #options: CoreLedgerOptions
  readonly #evolve: typeof evolve

  constructor(options: CoreLedgerOptions = {}) {
    this.#options = options
    this.#evolve = options.evolve ?? evolve
    for (const entry of options.log ?? []) this.push(entry)
    if (options.log !== undefined) return
    const config = { ...SMALL, ...options.config }
    this.#decideAndAppend(commandOf({ type: 'found', commandId: nextCommandId(), ledgerId: LEDGER_ID, config }))
  }

  at(ms: number): this {
    this.nowMs = atMs(ms)
    return this
  }

  run<T extends Command['type']>(command: Extract<Command, { readonly type: T }>, evidence?: Evidence): OutcomeOf[T]
  // The deciding function answers each type of command with its own outcomes.
  run(command: Command, evidence?: Evidence): Outcome {
    if (this.#options.compactBetween === true) this.compact()
    const outcome = this.#decideAndAppend(command, evidence)
    if (this.#options.gaps === true) this.leaveGap()
    return outcome
  }

  /** What one command is answered in other surroundings; nothing is appended. */
  decides(command: Command, around: Omit<Surroundings, 'nowMs'>): Outcome | null {
    const decision = decide(this.state, command, { ...around, nowMs: this.nowMs })
    return decision.kind === 'final' ? decision.outcome : null
  }

  /** The revision that the next event gets. */
  nextRevision(): Revision {
    return revisionAfter(this.state.head, 1)
  }

  /** A CHECKPOINT at the head; what stood before it is forgotten. */
  compact(): void {
    const outcome = this.#decideAndAppend(commandOf({ type: 'checkpoint', commandId: nextCommandId() }))
    if (outcome.outcome !== 'checkpointed') return
    this.log = this.log.slice(-1)
    this.state = this.log.reduce(this.#evolve, initialState())
  }

  leaveGap(): void {
    this.state.head = revisionAfter(this.state.head, GAP)
  }

  /** Appends what nobody decided: an import, a newer program, a late beat. */
  append(event: ProposedEvent): RecordedEvent {
    const eventId = nextEventId()
    const recorded = recordNext(this.state, event, { nowMs: this.nowMs, eventId })
    const entry = readBack(recorded)
    if (entry.type === 'UNRECOGNISED') throw new Error(`${event.type} cannot be read back: ${entry.detail}`)
    this.push(entry)
    return entry
  }

  push(entry: LogEntry): void {
    this.log.push(entry)
    this.state = this.#evolve(this.state, entry)
  }

  #decideAndAppend(command: Command, evidence?: Evidence): Outcome {
    const deciding: Deciding = this.#options.decide ?? decide
    for (let round = 0; round < APPENDS_MAX; round += 1) {
      const decision = deciding(this.state, command, { nowMs: this.nowMs, evidence })
      for (const event of decision.events) this.append(event)
      if (decision.kind === 'final') return decision.outcome
    }
    throw new Error(`${command.type} was decided ${APPENDS_MAX} times without an end`)
  }
}

function readBack(event: RecordedEvent): LogEntry {
  return parseEntry(JSON.parse(JSON.stringify(event)) as RawEntry)
}
