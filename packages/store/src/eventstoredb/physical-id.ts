import { hash } from 'node:crypto'

const CANONICAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * The UUID under which the server stores an event. It takes nothing else and knows no upper case, so any other id is
 * mapped to a UUID of its own, always the same one, and kept in the metadata.
 */
export function physicalId(eventId: string): string {
  if (CANONICAL_UUID.test(eventId)) return eventId
  const hex = hash('sha256', eventId)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
