import { evolve, initialState, restoreState, type LedgerState, type LogEntry, type Revision } from '@holdfast/core'
import { checkpointData, CONCERNS_VERSION, entriesIn, nextRevision } from '@holdfast/core/internal'
import {
  readHistory,
  type HistoryAccess,
  type HistoryPiece,
  type KeptPast,
  type KeptState,
  type LogStore,
} from '@holdfast/store'
import { CachedFold } from '../ledger/cached-shapes.ts'
import { FOLD_VERSION } from '../ledger/snapshot-cache.ts'
import { marksOf, PIECE_EVENTS, PIECE_SPAN_MAX } from './concern-marks.ts'

/** Which code made a piece: what another one made is not believed. */
export const PAST_VERSION = `${FOLD_VERSION} ${CONCERNS_VERSION}`

/**
 * Entries between two kept states at most. Small states are kept after each piece; larger ones as far apart as they have
 * entries, so that reading one never costs much more than folding to the next.
 */
export const STATE_DISTANCE_MAX = 32_768

/** Pieces that are written together: what a killed process has to make again, and what stays in memory till then. */
const KEPT_AT_ONCE = 16

/** How far the pieces of a history are to be brought. */
export interface KeepWish {
  /** Not beyond this revision; default: the newest. */
  readonly upTo?: number | undefined
  /** At most so many pieces now. */
  readonly piecesMax?: number | undefined
  /** Entries of one piece; default `PIECE_EVENTS`. */
  readonly pieceEvents?: number | undefined
}

/**
 * Derives what questions about the past are answered by, as far as whole pieces reach: what each entry concerns, and the
 * state now and then. Costs what was recorded since the last time, once for all who ask. Does nothing for a store that
 * keeps no pieces, or a process that may not; others who do the same meanwhile do no harm. Rejects as the store does.
 */
export async function keepPast(store: LogStore, stream: string, wish: KeepWish = {}): Promise<void> {
  const { past } = store
  const kept = await past?.kept(stream, PAST_VERSION)
  if (past === undefined || kept === null || kept === undefined || !kept.mayAdd) return
  const { upTo = Infinity, piecesMax = Infinity, pieceEvents } = wish
  const pieces = new Pieces(kept, await newestState(past, stream), pieceEvents)
  for await (const made of piecesOf(readHistory(store, stream, { from: pieces.next }), pieces, { upTo, piecesMax })) {
    if (!(await past.keep(stream, PAST_VERSION, made))) return
  }
}

/** The pieces that entries give, several at a time. */
async function* piecesOf(
  history: AsyncIterable<readonly LogEntry[]>,
  pieces: Pieces,
  { upTo, piecesMax }: { readonly upTo: number; readonly piecesMax: number },
): AsyncGenerator<readonly HistoryPiece[], void, undefined> {
  let made: HistoryPiece[] = []
  let left = piecesMax
  for await (const entries of history) {
    const end = entries.findIndex(entry => entry.revision > upTo || !pieces.fits(entry))
    for (const entry of end < 0 ? entries : entries.slice(0, end)) {
      const piece = left > 0 ? pieces.take(entry) : null
      if (piece === null) continue
      left -= 1
      made.push(piece)
    }
    if (made.length >= KEPT_AT_ONCE) {
      yield made
      made = []
    }
    if (end >= 0 || left <= 0) break
  }
  if (made.length > 0) yield made
}

/** The newest kept state of those at `upTo` or before and behind `after`; `null`: none that can be believed. */
export async function newestState(
  past: HistoryAccess,
  stream: string,
  { upTo = Number.MAX_SAFE_INTEGER, after = -1 }: { readonly upTo?: number; readonly after?: number } = {},
): Promise<LedgerState | null> {
  for (let bound = upTo; ;) {
    const kept = await past.keptState(stream, PAST_VERSION, bound, after)
    if (kept === null) return null
    const state = restored(kept)
    if (state !== null) return state
    bound = kept.to - 1
  }
}

function restored({ state: value, to }: KeptState): LedgerState | null {
  const parsed = CachedFold.safeParse(value)
  if (!parsed.success) return null
  const { checkpoint, head } = parsed.data
  if (head !== to || checkpoint.throughRevision !== head) return null
  const state = restoreState(checkpoint)
  if (state !== null) state.head = head
  return state
}

/** Makes pieces of the entries of a history, in order. */
class Pieces {
  #state: LedgerState
  #keptThrough: Revision | null
  #entries: LogEntry[] = []
  readonly #oldest: Revision
  readonly #pieceEvents: number
  /** Entries since a state was kept. */
  #since = 0

  /** Behind the pieces that are kept, folding from a state that is kept with one of them. */
  constructor({ through, oldest }: KeptPast, state: LedgerState | null, pieceEvents = PIECE_EVENTS) {
    this.#pieceEvents = pieceEvents
    this.#keptThrough = through
    this.#oldest = oldest
    this.#state = state ?? initialState()
  }

  /** Where to read on; `undefined`: from the very beginning. Entries of pieces that are kept are only folded. */
  get next(): Revision | undefined {
    return this.#state.head === -1 ? undefined : nextRevision(this.#state.head)
  }

  fits({ revision }: LogEntry): boolean {
    return revision - this.#from <= PIECE_SPAN_MAX
  }

  /** Takes one entry; gives the piece that it completes. */
  take(entry: LogEntry): HistoryPiece | null {
    this.#state = evolve(this.#state, entry)
    this.#since += 1
    if (this.#keptThrough !== null && entry.revision <= this.#keptThrough) return null
    this.#entries.push(entry)
    return this.#entries.length < this.#pieceEvents ? null : this.#piece(entry)
  }

  #piece(last: LogEntry): HistoryPiece {
    const from = this.#from
    const piece = {
      after: this.#keptThrough,
      from,
      to: last.revision,
      marks: marksOf(this.#entries, from),
      state: this.#stateAfter(last),
    }
    this.#keptThrough = last.revision
    this.#entries = []
    return piece
  }

  get #from(): Revision {
    return this.#keptThrough === null ? this.#oldest : nextRevision(this.#keptThrough)
  }

  #stateAfter(last: LogEntry): string | null {
    const { ledgerId, foreign, head } = this.#state
    const isDue = this.#since >= Math.min(entriesIn(this.#state), STATE_DISTANCE_MAX)
    if (!isDue || ledgerId === null || foreign || last.type === 'UNRECOGNISED') return null
    this.#since = 0
    // Made into text at once: the fold goes on.
    return JSON.stringify({ checkpoint: checkpointData(this.#state, { reason: '' }), head, lastEventId: last.eventId })
  }
}
