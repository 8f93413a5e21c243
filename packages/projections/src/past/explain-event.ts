import type { LogEntry, RecordedEvent, Revision } from '@holdfast/core'
import { canonical, concernsOf, eventConcern, grantConcern, nextRevision, type Concern } from '@holdfast/core/internal'
import type { LogStore } from '@holdfast/store'
import { leaseViews, type LeaseView } from '../view/lease-view.ts'
import { readConcerning } from './read-concerning.ts'
import { stateAt } from './state-at.ts'

/** An event, and what it hangs together with. */
export interface ExplainedEvent {
  readonly entry: LogEntry
  /** The event that it names as its cause, if that can still be read. */
  readonly causedBy: LogEntry | null
  /** The live leases that a refusal names, as they were when it was recorded. */
  readonly blockers: readonly LeaseView[]
  /** The first grant after a refusal of something that was refused, to whoever asked. */
  readonly grantedLater: RecordedEvent<'ACQUIRE'> | null
}

/**
 * Explains what stands at a revision, from archive and log; `null` where nothing does: it falls into a gap, is yet to
 * come, or was dropped from the archive. Rejects as the store does.
 */
export async function explainEvent(store: LogStore, stream: string, revision: number): Promise<ExplainedEvent | null> {
  const { state, newest } = await stateAt(store, stream, { revision })
  if (newest?.revision !== revision) return null
  const explained = { entry: newest, causedBy: await causeOf(store, stream, newest) }
  if (newest.type !== 'REFUSE') return { ...explained, blockers: [], grantedLater: null }
  const named = new Set(newest.data.blockers.map(({ leaseId }) => leaseId))
  const blockers = leaseViews(state, newest.recordedAt).filter(({ leaseId }) => named.has(leaseId))
  return { ...explained, blockers, grantedLater: await grantAfter(store, stream, newest) }
}

async function causeOf(store: LogStore, stream: string, effect: LogEntry): Promise<LogEntry | null> {
  if (effect.type === 'UNRECOGNISED' || effect.causation === undefined) return null
  const concern = eventConcern(effect.causation)
  return firstOf(store, stream, [concern], entry => concernsOf(entry).has(concern))
}

async function grantAfter(
  store: LogStore,
  stream: string,
  { revision, data }: RecordedEvent<'REFUSE'>,
): Promise<RecordedEvent<'ACQUIRE'> | null> {
  const { holder, claims = [], requestId } = data.request
  if (holder === undefined || claims.length === 0) return null
  const lanes = new Set(claims.map(({ lane }) => canonical(lane)))
  const isIt = (entry: LogEntry): boolean =>
    entry.type === 'ACQUIRE' &&
    entry.data.holder === holder &&
    (requestId === undefined || entry.data.requestId === requestId) &&
    lanes.has(canonical(entry.data.lane))
  const concerns = [...lanes].map(lane => grantConcern(holder, lane))
  const found = await firstOf(store, stream, concerns, isIt, nextRevision(revision))
  return found?.type === 'ACQUIRE' ? found : null
}

async function firstOf(
  store: LogStore,
  stream: string,
  concerns: readonly Concern[],
  isIt: (entry: LogEntry) => boolean,
  from?: Revision,
): Promise<LogEntry | null> {
  for await (const entries of readConcerning(store, stream, concerns, { from })) {
    const found = entries.find(isIt)
    if (found !== undefined) return found
  }
  return null
}
