import { EventId, type CommandId } from '@holdfast/core'
import { v5 } from 'uuid'

/**
 * The id of a command's `index`-th event: a UUIDv5 (RFC 9562) of the index in the namespace of the command's id, so a
 * repeated command proposes events that the log knows already.
 */
export function eventIdOf(commandId: CommandId, index: number): EventId {
  return EventId.parse(v5(String(index), commandId))
}
