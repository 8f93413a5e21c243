import { randomUUID } from 'node:crypto'
import { jsonEvent, NO_STREAM } from '@eventstore/db-client'
import { bareClient } from './harness.ts'

/** Makes a raw event as large as what `acquire` and `release` write, on average. */
const FILL = 'x'.repeat(240)

export interface RawAppends {
  readonly append: (events: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** Appends to one stream at its head by the client as it comes, one after another: as fast as that goes. */
export function rawAppends(url: string, stream: string): RawAppends {
  const client = bareClient(url)
  let head: bigint | typeof NO_STREAM = NO_STREAM
  return {
    append: async count => {
      const events = Array.from({ length: count }, (_, index) => rawEvent(index))
      const { nextExpectedRevision } = await client.appendToStream(stream, events, { expectedRevision: head })
      head = nextExpectedRevision
    },
    close: () => client.dispose(),
  }
}

function rawEvent(index: number) {
  const data = { lane: `lane-${index}`, leaseId: `lane-${index}@${index}`, holder: 'bench', reason: FILL }
  return jsonEvent({ id: randomUUID(), type: 'RAW', data, metadata: { hf: index } })
}
