import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { DEFAULT_CONFIGURATION, type EpochMs, type LogEntry, type Revision } from '@holdfast/core'
import type { AppendResult, Head, LogStore, NewEvent, ReadOptions } from '../port.ts'

/** The ledger that checks use when they need only one. */
export const LEDGER = 'default'

/** A HEARTBEAT that says `text`; enough to tell one event from another. */
export function beat(text = '', overrides: Partial<NewEvent> = {}): NewEvent {
  return {
    eventId: randomUUID(),
    type: 'HEARTBEAT',
    schemaVersion: 1,
    actor: null,
    data: { lane: 'api', leaseId: 'api@1', token: 1, reason: text },
    ...overrides,
  }
}

export function beats(count: number): readonly NewEvent[] {
  return Array.from({ length: count }, (_, index) => beat(String(index)))
}

/** A CHECKPOINT of nothing, with the fields that a store looks at. */
export function checkpoint(fields: { offset?: number; clockOffset?: number } = {}): NewEvent {
  return beat('', {
    type: 'CHECKPOINT',
    data: {
      ledgerId: '01890a5d-ac96-774b-bcce-b302099a8057',
      throughRevision: -1,
      offset: 0,
      clockOffset: 0,
      minWriter: 1,
      config: DEFAULT_CONFIGURATION,
      state: { carrier: 'inline', value: {} },
      reason: '',
      ...fields,
    },
  })
}

export function revision(value: number): Revision {
  return value as Revision
}

export function epochMs(value: number): EpochMs {
  return value as EpochMs
}

/** Appends and insists that it worked. */
export async function appended(
  store: LogStore,
  events: readonly NewEvent[],
  { expected, stream = LEDGER }: { readonly expected?: Head; readonly stream?: string } = {},
): Promise<Extract<AppendResult, { outcome: 'appended' }>> {
  const result = await store.append(stream, expected ?? (await store.head(stream)), events)
  assert.equal(result.outcome, 'appended')
  if (result.outcome !== 'appended') throw new Error('unreachable')
  return result
}

/** Everything that a read gives. */
export async function readAll(
  store: LogStore,
  options: ReadOptions = {},
  stream = LEDGER,
): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = []
  for await (const batch of store.read(stream, options)) {
    assert.ok(batch.length > 0, 'a batch is never empty')
    entries.push(...batch)
  }
  return entries
}

export function idOf(entry: LogEntry): string {
  return entry.type === 'UNRECOGNISED' ? entry.raw.eventId : entry.eventId
}

export function idsOf(entries: readonly LogEntry[]): readonly string[] {
  return entries.map(idOf)
}

/** The code of the StoreError that a promise rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code)
    throw error
  }
  return 'none'
}

/** Everything that an iterable gives. */
export async function drained<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
