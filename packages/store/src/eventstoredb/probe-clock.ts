import { randomUUID } from 'node:crypto'
import { StoreError } from '../errors.ts'
import { CLOCK_STREAM } from './physical-name.ts'
import type { Server } from './server.ts'

/** Probes that the server keeps. */
const PROBES_KEPT = 10

/**
 * Asks the leader for its clock, which only an append tells: once for a process that has seen nothing but history, so
 * that it knows how long ago that was. Who may not write learns nothing, and takes less time to have passed than has.
 */
export async function probeClock(server: Server): Promise<void> {
  try {
    const probe = { eventId: randomUUID(), type: 'CLOCK', data: {}, metadata: {} }
    const position = await server.appendAnywhere(CLOCK_STREAM, [probe], () => Promise.resolve(undefined))
    const records = await server.read(CLOCK_STREAM, { from: position, count: 1 })
    const [record] = records === 'missing' ? [] : records
    if (record !== undefined) server.clock.sawWritten(record.createdMs)
    if (position === 0) {
      const limits = { eventId: randomUUID(), type: '$metadata', data: { $maxCount: PROBES_KEPT }, metadata: {} }
      await server.append(`$$${CLOCK_STREAM}`, 'no_stream', [limits])
    }
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'unavailable' || server.clock.known) return
    throw error
  }
}
