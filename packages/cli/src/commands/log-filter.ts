import { EventType, type LogEntry } from '@holdfast/core'
import { canonical } from '@holdfast/core/internal'
import { UsageError } from '../failure/usage-error.ts'

const UNRECOGNISED = 'UNRECOGNISED'

/** Which entries `log` shows. */
export interface LogFilter {
  readonly types: ReadonlySet<string> | null
  readonly lane: string | null
  readonly sinceMs: number | null
}

/** Reads the names of event types, in any case. */
export function readTypes(names: readonly string[] | undefined): ReadonlySet<string> | null {
  if (names === undefined) return null
  const known = [...EventType.options, UNRECOGNISED]
  return new Set(
    names.map(name => {
      const type = known.find(candidate => candidate === name.toUpperCase())
      if (type !== undefined) return type
      throw new UsageError(`type: ${JSON.stringify(name)} is no event type; known are ${known.join(', ')}.`)
    }),
  )
}

export function passes(filter: LogFilter, entry: LogEntry): boolean {
  if (filter.types !== null && !filter.types.has(entry.type)) return false
  if (filter.sinceMs !== null && entry.recordedAt < filter.sinceMs) return false
  const asked = filter.lane
  return asked === null || lanesOf(entry).some(lane => canonical(lane) === canonical(asked))
}

/** The lanes that an entry is about: a refusal may name several. */
export function lanesOf(entry: LogEntry): readonly string[] {
  switch (entry.type) {
    case 'REFUSE': {
      const { claims, leaseId } = entry.data.request
      if (claims !== undefined) return claims.map(({ lane }) => lane)
      return leaseId === undefined ? [] : [leaseId.slice(0, leaseId.lastIndexOf('@'))]
    }
    case 'HALT':
      return entry.data.lane === undefined ? [] : [entry.data.lane]
    case 'CHECKPOINT':
      return []
    case 'UNRECOGNISED': {
      const { data } = entry.raw
      return typeof data === 'object' && data !== null && 'lane' in data && typeof data.lane === 'string'
        ? [data.lane]
        : []
    }
    case 'ACQUIRE':
    case 'RELEASE':
    case 'HEARTBEAT':
    case 'ADOPT':
    case 'SPAWN':
    case 'SCAVENGE':
      return [entry.data.lane]
  }
}
