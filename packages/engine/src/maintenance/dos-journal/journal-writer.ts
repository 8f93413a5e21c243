import { randomUUID } from 'node:crypto'
import {
  CommandId,
  EpochMs,
  evolve,
  initialState,
  LedgerId,
  type Configuration,
  type LedgerState,
} from '@holdfast/core'
import { checkpointData, faultText, SCHEMA_VERSION } from '@holdfast/core/internal'
import type { LogStore } from '@holdfast/store'
import { EVENT_BYTES_MAX } from '@holdfast/store/internal'
import * as z from 'zod'
import { eventIdOf } from '../../pipeline/event-id.ts'
import { entryOf, type ExportEvent } from '../export-format.ts'
import { HistoryWriter } from '../history-writer.ts'
import { journalEvent } from './journal-event.ts'
import type { JournalLine } from './journal-line.ts'
import { journalOrigin } from './journal-origin.ts'

/** Corrupt lines that the report names; the rest is counted. */
export const JOURNAL_FAULTS_MAX = 16

export interface JournalFault {
  /** From 1. */
  readonly line: number
  readonly detail: string
}

/** Writes entries as events, and folds them as it goes: a CHECKPOINT needs the state before it. */
export class JournalWriter {
  readonly #writer: HistoryWriter
  #state: LedgerState
  #clockMs: number
  #imported = 0
  #unrecognised = 0
  #corrupt = 0
  readonly #faults: JournalFault[] = []
  readonly #ledgerId: LedgerId

  private constructor(writer: HistoryWriter, genesis: ExportEvent, ledgerId: LedgerId) {
    this.#writer = writer
    this.#ledgerId = ledgerId
    this.#clockMs = genesis.recordedAt
    this.#state = evolve(initialState(), entryOf(genesis))
  }

  static async begin(
    store: LogStore,
    stream: string,
    { config, atMs }: { readonly config: Configuration; readonly atMs: number },
  ): Promise<JournalWriter> {
    const ledgerId = LedgerId.parse(randomUUID())
    const empty = { ...initialState(), ledgerId, config }
    const genesis = eventAt(0, {
      type: 'CHECKPOINT',
      data: checkpointData(empty, { reason: 'imported' }),
      recordedAt: atMs,
      eventId: eventIdOf(CommandId.parse(ledgerId), 0),
    })
    const writer = HistoryWriter.from(store, stream, { first: genesis, head: 'none' })
    await writer.add(genesis)
    return new JournalWriter(writer, genesis, ledgerId)
  }

  get report() {
    return {
      ledgerId: this.#ledgerId,
      imported: this.#imported,
      unrecognised: this.#unrecognised,
      corrupt: this.#corrupt,
      faults: this.#faults,
    }
  }

  /** The journal's newest time. */
  get clockMs(): number {
    return this.#clockMs
  }

  async add(line: number, read: JournalLine): Promise<void> {
    if (!read.ok) return this.#fault(line, read.detail)
    const taken = this.#eventOf(line, read)
    if (typeof taken === 'string') return this.#fault(line, taken)
    const entry = entryOf(taken)
    const isKnown = entry.type !== 'UNRECOGNISED'
    // A known operation that our own schema refuses would stop every writer of this ledger.
    if (!isKnown && entry.problem !== 'unknown-type') return this.#fault(line, entry.detail)
    await this.#writer.add(taken)
    this.#clockMs = taken.recordedAt
    this.#state = evolve(this.#state, entry)
    this.#imported += 1
    if (!isKnown) this.#unrecognised += 1
  }

  flush(): Promise<void> {
    return this.#writer.flush()
  }

  /** The event, or why there is none. */
  #eventOf(line: number, { op, atMs, entry }: Extract<JournalLine, { ok: true }>): ExportEvent | string {
    try {
      const { type, data, runId } = journalEvent(op, entry, this.#state)
      const gap = type === 'CHECKPOINT' ? offsetOf(data) - this.#state.offset : 0
      const event = eventAt(this.#state.head + 1 + gap, {
        type,
        data,
        runId,
        // The log's time never goes back; what the entry said stays in the origin.
        recordedAt: Math.max(this.#clockMs, atMs ?? this.#clockMs),
        eventId: eventIdOf(CommandId.parse(this.#ledgerId), line),
        origin: journalOrigin(entry, line),
      })
      // A CHECKPOINT's state may be stored in parts.
      const fits = type === 'CHECKPOINT' || Buffer.byteLength(JSON.stringify(event)) <= EVENT_BYTES_MAX
      return fits ? event : `it has more than the ${EVENT_BYTES_MAX} bytes of an event`
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error
      return error.issues
        .slice(0, 1)
        .map(issue => `${issue.path.join('.')}: ${faultText(issue)}`)
        .join('')
    }
  }

  #fault(line: number, detail: string): void {
    this.#corrupt += 1
    if (this.#faults.length < JOURNAL_FAULTS_MAX) this.#faults.push({ line, detail })
  }
}

type Written = Pick<ExportEvent, 'type' | 'data' | 'recordedAt' | 'eventId' | 'runId' | 'origin'>

function eventAt(revision: number, { runId, origin, ...event }: Written): ExportEvent {
  return {
    revision,
    schemaVersion: SCHEMA_VERSION,
    actor: null,
    ...event,
    recordedAt: EpochMs.parse(event.recordedAt),
    ...(runId === undefined ? {} : { runId }),
    ...(origin === undefined ? {} : { origin }),
  }
}

function offsetOf(data: unknown): number {
  return z.looseObject({ offset: z.int() }).parse(data).offset
}
