import { randomUUID } from 'node:crypto'
import {
  Command,
  decide,
  DEFAULT_CONFIGURATION,
  fork,
  type CommandInput,
  type Configuration,
  type Lease,
  type LogEntry,
  type Outcome,
  type ProcessIdentity,
  type Reap,
} from '@holdfast/core'
import { SCHEMA_VERSION } from '@holdfast/core/internal'
import { LedgerFold } from '@holdfast/projections'
import type { LogStore, NewEvent } from '@holdfast/store'

type Unnamed<T> = T extends unknown ? Omit<T, 'commandId'> : never

export const STREAM = 'ledger'

/** Events of one append. */
const APPEND_MAX = 500

/** Decides commands on a store's true head, as the engine does, and keeps every entry that was written. */
export class Scribe {
  readonly written: LogEntry[] = []
  readonly #store: LogStore
  readonly #fold = new LedgerFold()

  private constructor(store: LogStore) {
    this.#store = store
  }

  static async found(store: LogStore, config: Partial<Configuration> = {}): Promise<Scribe> {
    const scribe = new Scribe(store)
    await scribe.tell({ type: 'found', ledgerId: randomUUID(), config: { ...DEFAULT_CONFIGURATION, ...config } })
    return scribe
  }

  get state() {
    return this.#fold.state
  }

  /** Decides one command and writes its events; gives the outcome. */
  async tell(input: Unnamed<CommandInput>): Promise<Outcome> {
    const command = Command.parse({ commandId: randomUUID(), ...input })
    for (;;) {
      let outcome: Outcome | undefined
      const result = await this.#store.commit(STREAM, this.#fold.after, {
        absorb: entries => this.#take(entries),
        decide: view => {
          this.#take(view.entries)
          const decision = decide(fork(this.#fold.state), command, { nowMs: view.nowMs })
          outcome = decision.kind === 'final' ? decision.outcome : undefined
          return decision.events.map(newEvent)
        },
      })
      this.#take(result.entries)
      if (outcome !== undefined) return outcome
    }
  }

  /** Takes a lease or fails the test. */
  async hold(lane: string, options: HoldOptions = {}): Promise<Lease> {
    const { holder = 'ada', region = [], ...rest } = options
    const outcome = await this.tell({
      type: 'acquire',
      holder,
      claims: [{ lane, region }],
      ...rest,
    })
    if (outcome.outcome !== 'granted') throw new Error(`not granted: ${JSON.stringify(outcome)}`)
    return this.state.leases.get(outcome.lease.leaseId) ?? outcome.lease
  }

  async beat({ lane, holder, token }: Lease): Promise<Outcome> {
    return this.tell({ type: 'heartbeat', lane, holder, token })
  }

  /** Many beats in few appends. */
  async beatOften({ lane, leaseId, token, runId }: Lease, count: number): Promise<void> {
    const beat = { type: 'HEARTBEAT', data: { lane, leaseId, token, reason: '' }, runId: runId ?? undefined }
    for (let left = count; left > 0; left -= APPEND_MAX) {
      await this.forge(...Array.from({ length: Math.min(left, APPEND_MAX) }, () => beat))
    }
  }

  async release({ lane, holder, token }: Lease): Promise<Outcome> {
    return this.tell({ type: 'release', lane, holder, token })
  }

  /** Writes events that nobody decided. */
  async forge(...events: readonly Forged[]): Promise<void> {
    const head = await this.#store.head(STREAM)
    await this.#store.append(STREAM, head, events.map(newEvent))
  }

  #take(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (entry.revision > this.#fold.state.head) this.written.push(entry)
      this.#fold.absorb([entry])
    }
  }
}

type Forged = Pick<NewEvent, 'type' | 'data' | 'runId' | 'causation' | 'origin'>

interface HoldOptions {
  readonly holder?: string
  readonly region?: string[]
  readonly ttlMs?: number
  readonly runId?: string
  readonly reap?: Reap
  readonly process?: ProcessIdentity
  readonly children?: ProcessIdentity[]
}

function newEvent(event: Forged): NewEvent {
  return { ...event, eventId: randomUUID(), schemaVersion: SCHEMA_VERSION, actor: null }
}
