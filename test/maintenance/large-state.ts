import { randomUUID } from 'node:crypto'
import { Configuration, fold, LedgerId, parseEntry, type LogEntry, type Revision } from '@holdfast/core'
import { checkpointData } from '@holdfast/core/internal'
import type { LogStore, NewEvent, UnsealedState } from '@holdfast/store'
import { SCHEDULE_TIMES } from '../engine/harness/fleet.ts'

const SIDE = '~state-'

/** Until when a request is remembered whose lease lives. */
const FOREVER_MS = Number.MAX_SAFE_INTEGER

/** Characters of a request's key; 120 of them take two parts. */
const KEY_LENGTH = 3_000

/** Begins a ledger that remembers so many requests. */
export async function beginLarge(store: LogStore, requests: number, keyLength = KEY_LENGTH): Promise<void> {
  const genesis = {
    eventId: randomUUID(),
    type: 'CHECKPOINT',
    schemaVersion: 1,
    actor: null,
    data: emptyLedger(),
  }
  const state = fold([parseEntry({ ...genesis, revision: 0, recordedAt: 0 })])
  for (let index = 0; index < requests; index += 1) {
    const key = `request ${index} `.padEnd(keyLength, randomUUID())
    state.requests.set(key, { grants: [], untilMs: FOREVER_MS }, 0)
  }
  const data = { ...checkpointData(state, { reason: 'begun' }), throughRevision: -1 }
  await store.append('default', 'none', [{ ...genesis, data }])
}

/** A store whose appends to side streams are asked for first: `number` counts them from 0. */
export function withSideAppends(
  store: LogStore,
  before: (number: number, event: NewEvent | undefined) => Promise<void> | void,
): LogStore {
  let number = 0
  const append: LogStore['append'] = async (stream, expected, events) => {
    if (stream.startsWith(SIDE)) {
      await before(number, events[0])
      number += 1
    }
    return store.append(stream, expected, events)
  }
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'append') return append
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** Types of the events of a side stream. */
export async function sideTypes(store: LogStore, stream: string): Promise<readonly string[]> {
  const types: string[] = []
  for await (const entries of store.read(stream)) types.push(...entries.map(typeOf))
  return types
}

export async function unsealedOf(store: LogStore): Promise<readonly UnsealedState[]> {
  return (await store.unsealed?.('default')) ?? []
}

/** The side stream that a CHECKPOINT names, as it stands in the log. */
export async function sideNamedAt(store: LogStore, revision: number): Promise<string> {
  const options = { direction: 'backwards', from: revision as Revision, limit: 1 } as const
  for await (const [entry] of store.read('default', options)) {
    if (entry?.type === 'CHECKPOINT' && entry.data.state.carrier === 'beside') return entry.data.state.stream
  }
  throw new Error(`no state lies beside revision ${revision}`)
}

function typeOf(entry: LogEntry): string {
  return entry.type === 'UNRECOGNISED' ? entry.raw.type : entry.type
}

function emptyLedger() {
  return {
    ledgerId: LedgerId.parse(randomUUID()),
    throughRevision: -1,
    offset: 0,
    clockOffset: 0,
    minWriter: 1,
    config: Configuration.parse(SCHEDULE_TIMES),
    state: { carrier: 'inline', value: {} },
    reason: '',
  }
}
