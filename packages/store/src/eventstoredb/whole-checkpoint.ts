import { partsNamedBy, resolveParts } from '../checkpoint-parts.ts'
import { physicalName } from './physical-name.ts'
import type { Server } from './server.ts'
import type { StoredRecord } from './stored-record.ts'

/** Records whose CHECKPOINTs have their states inline again. Throws `corrupt` when parts are missing or were changed. */
export async function wholeCheckpoints(
  records: readonly StoredRecord[],
  server: Server,
): Promise<readonly StoredRecord[]> {
  if (records.every(record => partsOf(record) === null)) return records
  return Promise.all(records.map(record => whole(record, server)))
}

async function whole(record: StoredRecord, server: Server): Promise<StoredRecord> {
  const named = partsOf(record)
  if (named === null) return record
  const parts = await server.read(physicalName(named.stream), { from: 0, count: named.parts })
  const data = resolveParts(dataOf(record.data), named, parts === 'missing' ? [] : parts.map(part => dataOf(part.data)))
  return { ...record, data: { ...(record.data as object), data } }
}

function partsOf(record: StoredRecord): ReturnType<typeof partsNamedBy> {
  return record.type === 'CHECKPOINT' ? partsNamedBy(dataOf(record.data)) : null
}

function dataOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, 'data') : undefined
}
