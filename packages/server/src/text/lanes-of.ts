import type { LogEntry } from '@holdfast/core'

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
