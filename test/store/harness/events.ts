import { randomUUID } from 'node:crypto'
import type { NewEvent } from '@holdfast/store'

/** A HEARTBEAT that says `text`. */
export function beat(text = ''): NewEvent {
  const data = { lane: 'api', leaseId: 'api@1', token: 1, reason: text }
  return { eventId: randomUUID(), type: 'HEARTBEAT', schemaVersion: 1, actor: null, data }
}
