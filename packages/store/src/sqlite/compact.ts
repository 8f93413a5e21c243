import { noCheckpoint } from '../memory-archive.ts'
import type { CompactResult } from '../port.ts'
import { READ_BATCH_MAX } from '../read-by-position.ts'
import type { StoredEvent } from '../stored-event.ts'
import type { ArchiveChunk } from './archive-chunk.ts'
import { archivedFrom } from './archive-search.ts'
import type { Connection } from './connection.ts'
import { Packing } from './packing.ts'
import { eventsFrom, hashBefore, positionFrom } from './read-events.ts'
import type { StreamRow } from './stream-row.ts'

/** Chunks that one transaction writes: what automatic compaction cuts at once, and more, fits. */
const CHUNKS_MAX = 16

/** Where a log is to be cut. */
export interface CutPlan {
  /** First position of the log that it was made on; another one means that it is out of date. */
  readonly firstPosition: number
  /** Position of the CHECKPOINT that the log begins with afterwards. */
  readonly cut: number
}

/** What a compaction writes; each runs inside a write transaction of its own. */
export interface CutWrites {
  /** Writes chunks ahead of the cut, which nobody sees before it; false when somebody else has cut meanwhile. */
  readonly archive: (plan: CutPlan, chunks: readonly ArchiveChunk[]) => boolean
  /** Writes the last chunks and makes the cut; undefined when somebody else has cut meanwhile. */
  readonly cut: (plan: CutPlan, chunks: readonly ArchiveChunk[], bytesReclaimed: number) => CompactResult | undefined
  /** Removes some of what lies before the cut; true while there is more to be removed now. */
  readonly clear: () => boolean
}

type Turn = <T>(work: () => T) => Promise<T>

export interface CutTurns {
  readonly connection: Connection
  /** Reads, and lets timers run before it. */
  readonly read: Turn
  readonly write: Turn
  readonly writes: CutWrites
}

/**
 * Cuts a stream at its CHECKPOINT of a revision. Packs batch by batch, outside the write lock, and writes a few chunks at
 * a time, so that a log of any length keeps neither timers nor writers waiting. Only one of these transactions, the cut,
 * changes what anybody sees: chunks beyond where the log begins are not believed, and events before it are not read.
 * Interrupted between two of them it has done nothing or all, and the next one takes away what it left.
 */
export async function compactStream(name: string, checkpoint: number, turns: CutTurns): Promise<CompactResult> {
  const { connection, read, write, writes } = turns
  for (;;) {
    const { stream, before, plan } = await read(() => planCut(name, connection, checkpoint))
    const packing = await archiveAll(stream, { plan, before }, turns)
    if (packing === undefined) continue
    const chunks = packing.take()
    const result = await write(() => writes.cut(plan, chunks, packing.bytesReclaimed))
    if (result === undefined) continue
    while (await write(writes.clear));
    return result
  }
}

/** Archives what leaves the log, but for the last chunks; undefined when somebody else has cut meanwhile. */
async function archiveAll(
  stream: StreamRow,
  { plan, before }: { readonly plan: CutPlan; readonly before: string },
  { connection, read, write, writes }: CutTurns,
): Promise<Packing | undefined> {
  const packing = new Packing(stream, before)
  for (let position = plan.firstPosition; position < plan.cut;) {
    const to = Math.min(plan.cut - 1, position + READ_BATCH_MAX - 1)
    const events = await read(() => batchOf(connection, stream, { from: position, to }))
    if (events.length === 0) return undefined
    packing.add(events)
    position += events.length
    while (packing.ready > CHUNKS_MAX) {
      const chunks = packing.take(CHUNKS_MAX)
      if (!(await write(() => writes.archive(plan, chunks)))) return undefined
    }
  }
  packing.end()
  return packing
}

/** Nothing when somebody else has cut meanwhile. */
function batchOf(
  connection: Connection,
  stream: StreamRow,
  { from, to }: { readonly from: number; readonly to: number },
): readonly StoredEvent[] {
  return connection.snapshot(store => {
    const now = connection.stream(store, stream.name)
    return now?.tip.firstPosition === stream.tip.firstPosition ? eventsFrom(connection, now, from, to) : []
  })
}

function planCut(name: string, connection: Connection, checkpoint: number) {
  return connection.snapshot(store => {
    const stream = connection.stream(store, name)
    if (stream === undefined) throw noCheckpoint(checkpoint)
    const { firstPosition } = stream.tip
    const before = hashBefore(connection, stream, firstPosition)
    const planned = (cut: number) => ({ stream, before, plan: { firstPosition, cut } })
    const position = positionFrom(connection, stream, checkpoint)
    const found = position <= stream.tip.position && eventsFrom(connection, stream, position, position)[0]
    if (found && found.revision === checkpoint && found.type === 'CHECKPOINT') return planned(position)
    const archived = archivedFrom(connection, stream, checkpoint, 1)[0]
    if (archived?.revision !== checkpoint || archived.type !== 'CHECKPOINT') throw noCheckpoint(checkpoint)
    return planned(archived.position)
  })
}
