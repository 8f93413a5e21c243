import { parserOf, type Shape } from '@holdfast/core/internal'
import { ServerMessages, type ServerMessage } from './messages-shapes.ts'

/** In the order in which the fields are looked for. */
const READERS = Object.entries(ServerMessages).map(([field, schema]): readonly [string, Shape<ServerMessage>] => [
  field,
  parserOf<ServerMessage>(schema),
])

/** What a server answers or tells; `null`: nothing that is known. */
export function readServerMessage(message: unknown): ServerMessage | null {
  if (typeof message !== 'object' || message === null) return null
  for (const [field, shape] of READERS) {
    if (!(field in message)) continue
    const read = shape.safeParse(message)
    if (read.success) return read.data
  }
  return null
}
