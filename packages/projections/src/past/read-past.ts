import { Lane, LeaseId, type EpochMs, type EventType, type LogEntry } from '@holdfast/core'
import { canonical, concernsOf, laneConcern, leaseConcern, type Concern } from '@holdfast/core/internal'
import { readHistory, type LogStore } from '@holdfast/store'
import { project } from '../projection.ts'
import { isOneOf, type Place } from './concern-marks.ts'
import { findPlaces } from './found-places.ts'
import { lineageProjection, type Lineage } from './lineage.ts'
import { readPlaces } from './read-concerning.ts'

/** What the whole history, archive included, says of one name. */
export interface PastOf {
  /** The newest events that concern it, oldest first. */
  readonly events: readonly LogEntry[]
  /** Events that concern it and are older than those. */
  readonly earlier: number
  readonly lineages: readonly Lineage[]
}

/**
 * Reads everything that was recorded about a lane or a lease: a name can be both, for imported leases are named freely.
 * Keeps the newest `last` events. Where the store keeps pieces of its history, older events that change no ownership are
 * counted and not read. Rejects as the store does.
 */
export async function readPast(
  store: LogStore,
  stream: string,
  { name, last, nowMs }: { readonly name: string; readonly last: number; readonly nowMs: EpochMs },
): Promise<PastOf> {
  const concerns = concernsNamed(name)
  const { places, restFrom } = await findPlaces(store, stream, concerns)
  const newest = places.at(-last)?.revision ?? Infinity
  const found = new PastOfName(concerns, last)
  const isShown = ({ revision }: Place): boolean => last > 0 && (places.length <= last || revision >= newest)
  const isWanted = (place: Place): boolean => isShown(place) || isOneOf(place, CHANGES_OWNER)
  const wanted = places.filter(isWanted)
  for await (const entries of readPlaces(store, stream, wanted)) found.take(entries)
  found.skip(places.length - wanted.length)
  for await (const entries of readHistory(store, stream, { from: restFrom })) found.take(entries)
  const lineages = found.lineages(nowMs).filter(one => canonical(one.lane) === canonical(name) || one.leaseId === name)
  return { events: found.events, earlier: found.count - found.events.length, lineages }
}

/** What a lineage is made of. */
const CHANGES_OWNER: readonly EventType[] = ['ACQUIRE', 'ADOPT', 'RELEASE', 'SCAVENGE']

function concernsNamed(name: string): readonly Concern[] {
  const lane = Lane.safeParse(name)
  const leaseId = LeaseId.safeParse(name)
  return [...(lane.success ? [laneConcern(lane.data)] : []), ...(leaseId.success ? [leaseConcern(leaseId.data)] : [])]
}

class PastOfName {
  readonly #concerns: readonly Concern[]
  readonly #last: number
  #lineage = lineageProjection.initial()
  count = 0
  events: readonly LogEntry[] = []

  constructor(concerns: readonly Concern[], last: number) {
    this.#concerns = concerns
    this.#last = last
  }

  take(entries: readonly LogEntry[]): void {
    const ours = entries.filter(entry => {
      const all = concernsOf(entry)
      return this.#concerns.some(concern => all.has(concern))
    })
    this.count += ours.length
    if (this.#last > 0) this.events = [...this.events, ...ours].slice(-this.#last)
    this.#lineage = project(lineageProjection, ours, this.#lineage)
  }

  /** Events that are known to be there, and are older than those that are kept. */
  skip(events: number): void {
    this.count += events
  }

  lineages(nowMs: EpochMs): readonly Lineage[] {
    return lineageProjection.view(this.#lineage, nowMs)
  }
}
