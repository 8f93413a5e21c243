import type { Revision } from '@holdfast/core'
import { nextRevision, type Concern } from '@holdfast/core/internal'
import type { KeptPast, LogStore } from '@holdfast/store'
import { bucketOf, PIECE_EVENTS, placesIn, type Place } from './concern-marks.ts'
import { keepPast, PAST_VERSION } from './keep-past.ts'

/** Where entries of some concerns stand, as far as it is known without reading. */
export interface FoundPlaces {
  /** Oldest first, each once. */
  readonly places: readonly Place[]
  /** What stands here and behind must be read; `undefined`: all of the history. */
  readonly restFrom: Revision | undefined
}

export const NOTHING_KNOWN: FoundPlaces = { places: [], restFrom: undefined }

/**
 * Looks concerns up in what is kept of a history. Where a piece or more is missing, and this process may keep it, that is
 * done first: it costs little more than reading it for this answer. Rejects as the store does.
 */
export async function findPlaces(store: LogStore, stream: string, concerns: readonly Concern[]): Promise<FoundPlaces> {
  const { past } = store
  if (past === undefined) return NOTHING_KNOWN
  const look = (): Promise<KeptPast | null> => past.kept(stream, PAST_VERSION, concerns.map(bucketOf))
  const head = await store.head(stream)
  let kept = await look()
  if (kept === null || head === 'none') return NOTHING_KNOWN
  if (kept.mayAdd && head - (kept.through ?? kept.oldest - 1) >= PIECE_EVENTS) {
    await keepPast(store, stream)
    kept = await look()
  }
  if (kept === null || kept.through === null) return NOTHING_KNOWN
  const found = new Map<Revision, Place>()
  for (const [index, concern] of concerns.entries()) {
    for (const place of placesIn(kept.marks[index] ?? [], concern)) {
      if (place.revision >= kept.oldest) found.set(place.revision, place)
    }
  }
  const places = [...found.values()].sort((a, b) => a.revision - b.revision)
  return { places, restFrom: nextRevision(kept.through) }
}
