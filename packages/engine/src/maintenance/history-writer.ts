import { StoreError, type Head, type LogStore, type NewEvent } from '@holdfast/store'
import { newEventOf, type ExportEvent } from './export-format.ts'

/** Events of one append, and the estimate of their bytes at which one ends. */
const BATCH_EVENTS_MAX = 500
const BATCH_CHARACTERS_MAX = 200_000

/**
 * Writes a history into another store at the same revisions and times. Where the beginning is missing (it was dropped),
 * positions lie lower there than they did, and the offsets in the CHECKPOINTs make up for it.
 */
export class HistoryWriter {
  readonly #store: LogStore
  readonly #stream: string
  readonly #shift: number
  #head: Head
  #pending: NewEvent[] = []
  #firstRevision = 0
  #characters = 0
  readonly #ids = new Set<string>()

  private constructor(store: LogStore, stream: string, start: { readonly head: Head; readonly shift: number }) {
    this.#store = store
    this.#stream = stream
    this.#head = start.head
    this.#shift = start.shift
  }

  /** `first` is the first event of the whole history, `head` what of it is in the store already. */
  static from(store: LogStore, stream: string, { first, head }: { readonly first: ExportEvent; readonly head: Head }) {
    const offset = offsetOf(first)
    if (offset === null) throw notALedger(first)
    return new HistoryWriter(store, stream, { head, shift: first.revision - offset })
  }

  async add(event: ExportEvent): Promise<void> {
    const moved = this.#moved(event)
    const characters = JSON.stringify(moved.data)?.length ?? 0
    const full = this.#pending.length >= BATCH_EVENTS_MAX || this.#characters + characters > BATCH_CHARACTERS_MAX
    // One append holds no id twice, and no gap: those stand at CHECKPOINTs.
    if (full || event.type === 'CHECKPOINT' || this.#ids.has(event.eventId)) await this.flush()
    if (this.#pending.length === 0) this.#firstRevision = event.revision
    this.#pending.push(newEventOf(moved))
    this.#ids.add(event.eventId)
    this.#characters += characters
  }

  /** Writes what is pending. Rejects with `invalid` when somebody else writes there, or a revision would change. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return
    const result = await this.#store.append(this.#stream, this.#head, this.#pending)
    if (result.outcome === 'conflict') {
      const message = `Another process wrote to ${this.#store.url} meanwhile (it ends at ${result.actual}). Its events were not changed.`
      throw new StoreError('invalid', message)
    }
    if (result.first !== this.#firstRevision) throw shifted(this.#firstRevision, result.first)
    this.#head = result.last
    this.#pending = []
    this.#characters = 0
    this.#ids.clear()
  }

  #moved(event: ExportEvent): ExportEvent {
    const offset = offsetOf(event)
    if (offset === null || this.#shift === 0 || typeof event.data !== 'object') return event
    return { ...event, data: { ...event.data, offset: offset + this.#shift } }
  }
}

function offsetOf({ type, data }: ExportEvent): number | null {
  if (type !== 'CHECKPOINT' || typeof data !== 'object' || data === null) return null
  const offset: unknown = Reflect.get(data, 'offset')
  return typeof offset === 'number' && Number.isSafeInteger(offset) ? offset : null
}

function notALedger({ revision, type }: ExportEvent): StoreError {
  const message = `The history begins with ${type} at revision ${revision} and not with a CHECKPOINT: it is not a whole ledger.`
  return new StoreError('corrupt', message, { detail: 'history' })
}

function shifted(expected: number, actual: number): StoreError {
  const message = `The event of revision ${expected} would get revision ${actual}: the history has a gap where none may be.`
  return new StoreError('corrupt', message, { detail: 'history' })
}
