import { hash } from 'node:crypto'
import { openLedger } from '@holdfast/engine'
import { openStore, type LogStore, type NewEvent } from '@holdfast/store'

// A ledger with a long past and little that lives: lanes taken, beaten a few times and released, over and over.

const STREAM = 'default'
const LANES = 8
const BEATS = 6
const BATCH = 1_000
const TTL_MS = 60_000
const GRACE_MS = 30_000

/** Makes a ledger of so many events at a URL where none is. No snapshot is left: nobody has folded it. */
export async function makeLongLedger(url: string, events: number): Promise<void> {
  await (await openLedger(url)).close()
  await growLongLedger(url, events - 1)
}

/** Adds so many events to a ledger, as a store takes them: nothing is folded, no snapshot is written. */
export async function growLongLedger(url: string, events: number): Promise<void> {
  await using store = await openStore(url)
  const first = (await headOf(store)) + 1
  for (let made = 0; made < events; made += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, events - made) }, (_, place) =>
      work(first + made + place, first),
    )
    const appended = await store.append(STREAM, await store.head(STREAM), batch)
    if (appended.outcome !== 'appended') throw new Error('somebody else writes to a ledger that is being made')
  }
}

async function headOf(store: LogStore): Promise<number> {
  const head = await store.head(STREAM)
  if (head === 'none') throw new Error('a ledger begins with its genesis')
  return head
}

/** The event at a revision, as deciding would have made it, in lanes that nobody used before `first`. */
function work(revision: number, first: number): NewEvent {
  const made = revision - first
  const lane = `lane-${first}-${made % LANES}`
  const step = Math.floor(made / LANES) % (BEATS + 2)
  const token = revision - step * LANES
  if (step === 0) return event(revision, 'ACQUIRE', acquired(lane, token))
  return event(revision, step > BEATS ? 'RELEASE' : 'HEARTBEAT', {
    lane,
    leaseId: `${lane}@${token}`,
    token,
    reason: '',
  })
}

function acquired(lane: string, token: number): object {
  return {
    lane,
    leaseId: `${lane}@${token}`,
    holder: `agent-${token % 100}`,
    kind: null,
    mode: 'exclusive',
    region: [`src/${lane}/**`],
    ttlMs: TTL_MS,
    graceMs: GRACE_MS,
    process: null,
    attempt: 1,
    maxAttempts: 1,
    reap: 'optional',
    reason: '',
  }
}

function event(revision: number, type: string, data: unknown): NewEvent {
  return { eventId: scattered(revision), type, schemaVersion: 1, actor: null, data }
}

/** A version 5 UUID: as real ones they lie anywhere in an index. */
function scattered(revision: number): string {
  const digits = hash('sha256', String(revision))
  const part = (from: number, to: number): string => digits.slice(from, to)
  return `${part(0, 8)}-${part(8, 12)}-5${part(12, 15)}-8${part(15, 18)}-${part(18, 30)}`
}
