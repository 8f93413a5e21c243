import { noCheckpoint } from '../memory-archive.ts'
import type { CompactResult } from '../port.ts'
import type { Archive } from './archive.ts'
import { PAGE_MAX, type LedgerStream } from './ledger-stream.ts'
import type { Server } from './server.ts'
import { truncateBefore } from './truncate.ts'

/**
 * Cuts a ledger's stream at its CHECKPOINT of a revision: first what leaves goes to the archive, then it is hidden.
 * Either step may be made by somebody else or by an earlier call that was interrupted; making them again changes
 * nothing.
 */
export async function compactLedger(
  { stream, archive }: { readonly stream: LedgerStream; readonly archive: Archive },
  server: Server,
  revision: number,
): Promise<CompactResult> {
  const tip = await stream.tip()
  const begin = await stream.begin()
  if (begin === undefined) throw noCheckpoint(revision)
  const eventsBefore = tip.position - begin.position + 1
  const unchanged = { eventsBefore, eventsAfter: eventsBefore, bytesReclaimed: 0 }
  if (revision < begin.revision) {
    const [archived] = await archive.entriesAt(revision, { count: 1, logBegin: begin.position })
    if (archived === undefined || !isCheckpoint(archived.point)) throw noCheckpoint(revision)
    return unchanged
  }
  const point = await stream.pointAt(revision)
  if (point === undefined || !isCheckpoint(point)) throw noCheckpoint(revision)
  const cut = point.position
  if (cut === begin.position) return unchanged
  await archive.extend(cut - 1, {
    recordsFrom: position => recordsFrom(server, stream, position),
    before: record => stream.before(record),
  })
  await truncateBefore(server, stream.name, cut)
  const { storedBytes, bytes } = await archive.sizes(begin.position, cut)
  return { eventsBefore, eventsAfter: tip.position - cut + 1, bytesReclaimed: Math.max(0, storedBytes - bytes) }
}

function isCheckpoint({ position, checkpointPosition }: { position: number; checkpointPosition: number }): boolean {
  return position === checkpointPosition
}

async function recordsFrom(server: Server, stream: LedgerStream, from: number) {
  const records = await server.read(stream.name, { from, count: PAGE_MAX })
  return records === 'missing' ? [] : records
}
