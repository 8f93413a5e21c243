import type { StoreCheck } from '../port.ts'
import { StoreError } from '../errors.ts'
import { READ_BATCH_MAX } from '../read-by-position.ts'
import { checkArchive } from './archive.ts'
import type { Connection } from './connection.ts'
import { eventsFrom } from './read-events.ts'
import type { StreamRow } from './stream-row.ts'

type Reader = <T>(work: () => T) => Promise<T>

/** Everything that only the store can see of a stream: SQLite's own structures, witness, seals, chain, order. */
export async function checkStore(name: string, connection: Connection, read: Reader): Promise<readonly StoreCheck[]> {
  const checks: StoreCheck[] = [await read(() => sqliteCheck(connection))]
  try {
    const stream = await read(() => connection.snapshot(store => connection.stream(store, name)))
    checks.push({ name: 'head-witness', ...(await read(() => witnessCheck(connection))) })
    if (stream !== undefined) {
      checks.push(...(await chainChecks(stream, connection, read)), ...(await checkArchive(stream, connection, read)))
    }
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'corrupt') throw error
    checks.push({ name: 'head-witness', ok: false, count: 1, severity: 'fault', detail: error.message })
  }
  return checks
}

function sqliteCheck(connection: Connection): StoreCheck {
  const rows = connection.prepared('PRAGMA integrity_check').all()
  const faults = rows.map(row => String(row['integrity_check'])).filter(text => text !== 'ok')
  const detail = faults[0]
  return {
    name: 'sqlite-integrity',
    ok: faults.length === 0,
    count: faults.length,
    severity: 'fault',
    ...(detail === undefined ? {} : { detail }),
  }
}

/** A missing witness is no fault, but without one a rolled-back file cannot be told from a good one. */
function witnessCheck(connection: Connection): Omit<StoreCheck, 'name'> {
  if (connection.witness.newest() !== undefined) return { ok: true, count: 1, severity: 'fault' }
  const { seq } = connection.snapshot(store => store)
  if (seq === 0) return { ok: true, count: 0, severity: 'fault' }
  return { ok: false, count: 0, severity: 'finding', detail: 'There is no witness; the next write makes one.' }
}

function batchOf(connection: Connection, stream: StreamRow, from: number, to: number) {
  return connection.snapshot(store => {
    const now = connection.stream(store, stream.name) ?? stream
    const { firstPosition } = now.tip
    return { firstPosition, events: firstPosition > from ? [] : eventsFrom(connection, now, from, to) }
  })
}

async function chainChecks(stream: StreamRow, connection: Connection, read: Reader): Promise<readonly StoreCheck[]> {
  const { tip } = stream
  let count = 0
  let revision = -1
  let recordedAtMs = Number.MIN_SAFE_INTEGER
  let disorder: string | undefined
  try {
    for (let position = tip.firstPosition; position <= tip.position;) {
      const to = Math.min(tip.position, position + READ_BATCH_MAX - 1)
      const { events, firstPosition } = await read(() => batchOf(connection, stream, position, to))
      if (firstPosition > position) {
        position = firstPosition // Compacted meanwhile; the archive is checked by itself.
        continue
      }
      for (const event of events) {
        if (event.revision <= revision || event.recordedAtMs < recordedAtMs) disorder ??= `after revision ${revision}`
        revision = event.revision
        recordedAtMs = event.recordedAtMs
      }
      position += events.length
      count += events.length
    }
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'corrupt') throw error
    return [{ name: 'hash-chain', ok: false, count, severity: 'fault', detail: error.message }]
  }
  return [
    { name: 'hash-chain', ok: true, count, severity: 'fault' },
    {
      name: 'order',
      ok: disorder === undefined,
      count,
      severity: 'fault',
      ...(disorder === undefined ? {} : { detail: disorder }),
    },
  ]
}
