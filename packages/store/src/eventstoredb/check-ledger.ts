import type { StoreCheck } from '../port.ts'
import type { Archive } from './archive.ts'
import { PAGE_MAX, type LedgerStream } from './ledger-stream.ts'
import type { Server } from './server.ts'
import type { StoredRecord } from './stored-record.ts'
import { pointAfter, pointBefore, START, type StreamPoint } from './stream-point.ts'

/**
 * Checks what only this store can see: positions without a gap, revisions and times that never go back, that what each
 * event says of the point before it is what follows from the events before it, and that the archive is whole.
 */
export async function checkLedger(
  { stream, archive }: { readonly stream: LedgerStream; readonly archive: Archive },
  server: Server,
): Promise<readonly StoreCheck[]> {
  const faults = { positions: 0, revisions: 0, places: 0 }
  let point: StreamPoint | undefined
  let count = 0
  let next = 0
  for (;;) {
    const page = await server.read(stream.name, { from: next, count: PAGE_MAX })
    if (page === 'missing' || page.length === 0) break
    for (const record of page) {
      const said = pointBefore(record, stream.name)
      if (point !== undefined && record.position !== point.position + 1) faults.positions += 1
      if (point !== undefined && said !== undefined && !agrees(said, point)) faults.places += 1
      if (point === undefined && said === undefined) faults.places += 1
      const after = pointAfter(point ?? said ?? START, record, stream.name)
      if (point !== undefined && after.revision <= point.revision) faults.revisions += 1
      point = after
      count += 1
    }
    next = lastPosition(page) + 1
  }
  const archived = await archive.faults()
  return [
    ...Object.entries(faults).map(([name, found]) => finding(name, found, count)),
    finding('archive', archived.faults, archived.chunks),
  ]
}

function finding(name: string, faults: number, count: number): StoreCheck {
  const told = faults === 0 ? {} : { detail: `${faults} of ${count} at fault` }
  return { name, ok: faults === 0, count, severity: 'fault', ...told }
}

function agrees(said: StreamPoint, point: StreamPoint): boolean {
  return (
    said.offset === point.offset &&
    said.clockOffsetMs === point.clockOffsetMs &&
    said.checkpointPosition === point.checkpointPosition &&
    (said.position < 0 || said.recordedAtMs === point.recordedAtMs)
  )
}

function lastPosition(page: readonly StoredRecord[]): number {
  return page.at(-1)?.position ?? 0
}
