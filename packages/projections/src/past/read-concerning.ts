import type { LogEntry, Revision } from '@holdfast/core'
import { concernsOf, type Concern } from '@holdfast/core/internal'
import { readHistory, type LogStore } from '@holdfast/store'
import type { Place } from './concern-marks.ts'
import { findPlaces, NOTHING_KNOWN } from './found-places.ts'

/** Entries of known places that are read at once: few, for who stops at the first one that fits. */
const FIRST_READ = 16
const READ_MAX = 500

/** Entries that are read sooner than they are looked up: what follows a fresh event. */
const FEW = 16

export interface ConcerningWish {
  /** Only from this revision on. */
  readonly from?: Revision | undefined
  /** Which of the known places are wanted; default: all. What stands behind them is given whatever this says. */
  readonly isWanted?: ((place: Place) => boolean) | undefined
}

/**
 * The entries of a history that concern one of these, oldest first: those that are known are read alone, what stands
 * behind them is looked through. Rejects as the store does.
 */
export async function* readConcerning(
  store: LogStore,
  stream: string,
  concerns: readonly Concern[],
  { from, isWanted = () => true }: ConcerningWish = {},
): AsyncGenerator<readonly LogEntry[], void, undefined> {
  const head = await store.head(stream)
  const isNear = from !== undefined && head !== 'none' && head - from < FEW
  const { places, restFrom } = isNear ? NOTHING_KNOWN : await findPlaces(store, stream, concerns)
  const wanted = places.filter(place => place.revision >= (from ?? 0) && isWanted(place))
  yield* readPlaces(store, stream, wanted)
  const rest = restFrom === undefined ? from : (Math.max(restFrom, from ?? 0) as Revision)
  for await (const entries of readHistory(store, stream, { from: rest })) {
    const found = entries.filter(entry => concerns.some(concern => concernsOf(entry).has(concern)))
    if (found.length > 0) yield found
  }
}

/** The entries of known places, oldest first. */
export async function* readPlaces(
  { past }: LogStore,
  stream: string,
  places: readonly Place[],
): AsyncGenerator<readonly LogEntry[], void, undefined> {
  if (past === undefined) return
  const revisions = places.map(({ revision }) => revision)
  for (let begin = 0, end = FIRST_READ; begin < revisions.length; begin = end, end += READ_MAX) {
    yield* past.at(stream, revisions.slice(begin, end))
  }
}
