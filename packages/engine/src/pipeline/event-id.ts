import { hash } from 'node:crypto'
import type { CommandId, EventId } from '@holdfast/core'

const NAMESPACE_BYTES = 16

/** The two highest bits of the variant's digit are 10; the others come from the hash. */
const VARIANT_DIGITS = '89ab'

/**
 * The id of a command's `index`-th event: a UUIDv5 (RFC 9562) of the index in the namespace of the command's id, so a
 * repeated command proposes events that the log knows already.
 */
export function eventIdOf(commandId: CommandId, index: number): EventId {
  const name = String(index)
  const bytes = Buffer.allocUnsafe(NAMESPACE_BYTES + name.length)
  bytes.write(commandId.replaceAll('-', ''), 0, NAMESPACE_BYTES, 'hex')
  bytes.write(name, NAMESPACE_BYTES, 'latin1')
  const digits = hash('sha1', bytes, 'hex')
  const variant = VARIANT_DIGITS[Number.parseInt(digits.charAt(16), 16) & 3]
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `5${digits.slice(13, 16)}`, variant + digits.slice(17, 20)]
  return `${parts.join('-')}-${digits.slice(20, 32)}` as EventId
}
