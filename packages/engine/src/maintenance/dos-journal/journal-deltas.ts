import type { Lane, LeaseId, LogEntry, RecordedEvent } from '@holdfast/core'
import { readHistory, type LogStore } from '@holdfast/store'
import { historyLength } from '@holdfast/store/internal'
import * as z from 'zod'
import { parseStamp } from '../../heartbeat/stamp.ts'
import type { OnProgress } from '../work-progress.ts'
import { DOS_JOURNAL } from './journal-origin.ts'

/** Identities that are reported. */
const REPORTED_MAX = 6

/** What the journal shows of one lease's movement. Reported by the import; no verdict reads it. */
export interface JournalDelta {
  readonly loopTs: string
  readonly lane: Lane
  /** RELEASEs, SCAVENGEs and ACQUIREs other than its first, from `startMs` on, whether it was live or not. */
  readonly workEvents: number
  /** Time since the newest of its ACQUIREs and HEARTBEATs in the whole journal. */
  readonly newestBeatAgeMs: number
}

export interface JournalSpan {
  readonly startMs: number
  readonly nowMs: number
}

const Source = z.looseObject({
  format: z.literal(DOS_JOURNAL),
  loop_ts: z
    .string()
    .nullish()
    .transform(text => text ?? ''),
  ts: z.unknown().optional(),
})

type Told = RecordedEvent<'ACQUIRE' | 'HEARTBEAT' | 'RELEASE' | 'SCAVENGE'>

interface FromJournal {
  readonly event: Told
  readonly source: z.infer<typeof Source>
}

/**
 * The deltas of the first six leases that were ever acquired, by (loop_ts, lane), out of an imported history. Reads it
 * twice, so that memory does not grow with it. Rejects as the store does.
 */
export async function journalDeltas(
  store: LogStore,
  stream: string,
  { onProgress = () => undefined, ...span }: JournalSpan & { readonly onProgress?: OnProgress | undefined },
): Promise<JournalDelta[]> {
  const total = 2 * (await historyLength(store, stream))
  let done = 0
  const telling = async function* () {
    for await (const entries of readHistory(store, stream)) {
      done += entries.length
      onProgress({ step: 'counting', unit: 'events', done, total })
      yield* told(entries)
    }
  }
  const counted = new Map<LeaseId, Counted>()
  for (const identity of await firstIdentities(telling())) {
    counted.set(identity.leaseId, { ...identity, workEvents: 0, newestMs: null, acquired: false })
  }
  for await (const { event, source } of telling()) {
    const delta = counted.get(event.data.leaseId)
    const atMs = typeof source.ts === 'string' ? parseStamp(source.ts) : null
    if (delta !== undefined) count(delta, event, { atMs: atMs ?? event.recordedAt, startMs: span.startMs })
  }
  return [...counted.values()].map(({ loopTs, lane, workEvents, newestMs }) => ({
    loopTs,
    lane,
    workEvents,
    newestBeatAgeMs: span.nowMs - (newestMs ?? span.nowMs),
  }))
}

interface Identity {
  readonly leaseId: LeaseId
  readonly loopTs: string
  readonly lane: Lane
}

interface Counted extends Identity {
  workEvents: number
  newestMs: number | null
  acquired: boolean
}

function count(delta: Counted, { type }: Told, { atMs, startMs }: { readonly atMs: number; readonly startMs: number }) {
  if (type === 'ACQUIRE' || type === 'HEARTBEAT') delta.newestMs = Math.max(delta.newestMs ?? atMs, atMs)
  const isFirst = type === 'ACQUIRE' && !delta.acquired
  if (type === 'ACQUIRE') delta.acquired = true
  if (type !== 'HEARTBEAT' && !isFirst && atMs >= startMs) delta.workEvents += 1
}

async function firstIdentities(told: AsyncIterable<FromJournal>): Promise<readonly Identity[]> {
  const first = new Map<LeaseId, Identity>()
  for await (const { event, source } of told) {
    if (event.type !== 'ACQUIRE') continue
    const { leaseId, lane } = event.data
    first.set(leaseId, { leaseId, lane, loopTs: source.loop_ts })
    if (first.size <= REPORTED_MAX) continue
    const last = inOrder(first.values()).at(-1)
    if (last !== undefined) first.delete(last.leaseId)
  }
  return inOrder(first.values())
}

function inOrder(identities: Iterable<Identity>): Identity[] {
  return [...identities].sort((a, b) => compare(a.loopTs, b.loopTs) || compare(a.lane, b.lane))
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function* told(entries: readonly LogEntry[]): Generator<FromJournal> {
  for (const event of entries.filter(tells)) {
    const source = Source.safeParse(event.origin)
    if (source.success) yield { event, source: source.data }
  }
}

function tells(entry: LogEntry): entry is Told {
  return ['ACQUIRE', 'HEARTBEAT', 'RELEASE', 'SCAVENGE'].includes(entry.type)
}
