import { randomUUID } from 'node:crypto'
import { EventStoreDBClient, jsonEvent, type JSONEventData } from '@eventstore/db-client'
import { DEFAULT_CONFIGURATION, type LogEntry, type Revision } from '@holdfast/core'
import type { LogStore, NewEvent, ReadOptions } from '@holdfast/store'

export const LEDGER = 'default'

/** The physical stream of that ledger. */
export const STREAM = 'holdfast-default'

/** Makes the client take the plain path. The fixture asks for no user. */
export const PLAIN = { credentials: { username: 'nobody', password: 'nothing' } } as const

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

export function checkpoint(fields: Readonly<Record<string, unknown>> = {}): NewEvent {
  const data = {
    ledgerId: '01890a5d-ac96-774b-bcce-b302099a8057',
    throughRevision: -1,
    offset: 0,
    clockOffset: 0,
    minWriter: 1,
    config: DEFAULT_CONFIGURATION,
    state: { carrier: 'inline', value: {} },
    reason: '',
    ...fields,
  }
  return beat('', { type: 'CHECKPOINT', data })
}

export function revision(value: number): Revision {
  return value as Revision
}

export async function readAll(
  store: LogStore,
  options: ReadOptions = {},
  ledger = LEDGER,
): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = []
  for await (const batch of store.read(ledger, options)) entries.push(...batch)
  return entries
}

export function idsOf(entries: readonly LogEntry[]): readonly string[] {
  return entries.map(entry => (entry.type === 'UNRECOGNISED' ? entry.raw.eventId : entry.eventId))
}

/** The client as it comes, with none of our defences. */
export function bareClient(url: string): EventStoreDBClient {
  return EventStoreDBClient.connectionString(url)
}

export function bareEvent(data: Record<string, unknown> = {}): JSONEventData {
  return jsonEvent({ type: 'Probe', data })
}

/** How a promise stands at present. */
export function watched(promise: Promise<unknown>): { readonly state: () => 'pending' | 'fulfilled' | 'rejected' } {
  let state: 'pending' | 'fulfilled' | 'rejected' = 'pending'
  promise.then(
    () => (state = 'fulfilled'),
    () => (state = 'rejected'),
  )
  return { state: () => state }
}

/** Waits for something that happens by itself; fails when it does not. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const endMs = performance.now() + 10_000
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`${what} did not happen`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
