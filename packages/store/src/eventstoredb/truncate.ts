import { randomUUID } from 'node:crypto'
import { StoreError } from '../errors.ts'
import type { Server } from './server.ts'

/** Attempts against others who write the same stream's metadata. */
const ATTEMPTS_MAX = 20

const TRUNCATE_BEFORE = '$tb'

/**
 * Hides everything before a position that the caller has just seen an event at. Never lowers what is hidden already
 * (events would come back), and is written on top of exactly what was read. The client's own call takes bigints that it
 * then refuses, and gives a revision of the metadata that is none; so the metadata's stream is read and written itself.
 */
export async function truncateBefore(server: Server, stream: string, position: number): Promise<void> {
  if (!Number.isSafeInteger(position) || position < 0) throw new Error(`${position} is no position to cut at`)
  const metadataStream = `$$${stream}`
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const records = await server.read(metadataStream, { count: 1, direction: 'backwards' })
    const [newest] = records === 'missing' ? [] : records
    const present: unknown = newest?.data ?? {}
    if (typeof present !== 'object' || present === null) {
      throw new StoreError('corrupt', `The metadata of the stream ${stream} cannot be read.`, { detail: 'metadata' })
    }
    const hidden: unknown = Reflect.get(present, TRUNCATE_BEFORE)
    if (typeof hidden === 'number' && hidden >= position) return
    const data = { ...present, [TRUNCATE_BEFORE]: position }
    const event = { eventId: randomUUID(), type: '$metadata', data, metadata: {} }
    const written = await server.append(metadataStream, newest?.position ?? 'no_stream', [event])
    if (written !== 'conflict') return
  }
  const message = `Others kept writing the metadata of the stream ${stream}. Nothing was cut; try again.`
  throw new StoreError('unavailable', message)
}
