import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { EpochMs, LogEntry } from '@holdfast/core'
import type { BootClock, Head, LogStore, NewEvent, ReadOptions } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store/sqlite'
import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { beat } from './harness/events.ts'
import { freshFolder } from './harness/sqlite-factory.ts'

/** One operation. Small numbers, so that appends meet each other's ids, heads and gaps. */
type Operation =
  | { readonly op: 'append'; readonly stream: number; readonly expected: number; readonly events: readonly number[] }
  | { readonly op: 'commit'; readonly stream: number; readonly after: number; readonly events: readonly number[] }
  | {
      readonly op: 'read'
      readonly stream: number
      readonly options: { from?: number; limit?: number; backwards: boolean }
    }
  | { readonly op: 'look'; readonly stream: number }
  | { readonly op: 'pass'; readonly ms: number }

const EVENTS = 12
const IDS = Array.from({ length: EVENTS }, () => randomUUID())
const stream = fc.nat({ max: 1 })
const position = fc.integer({ min: -1, max: 9 })
const events = fc.array(fc.nat({ max: EVENTS - 1 }), { minLength: 1, maxLength: 3 })

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('append' as const),
      stream,
      expected: fc.integer({ min: -3, max: 9 }),
      events,
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('commit' as const), stream, after: position, events }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('read' as const),
      stream,
      options: fc.record(
        { from: fc.nat({ max: 30 }), limit: fc.nat({ max: 5 }), backwards: fc.boolean() },
        { requiredKeys: ['backwards'] },
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('look' as const), stream }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('pass' as const), ms: fc.nat({ max: 5000 }) }) },
)

/** Both stores by one clock, so that even their times must agree. */
class Clock {
  nowMs = 1_800_000_000_000
  readonly boot: BootClock = {
    origin: { bootId: 'boot', timeNamespace: '', originMs: 0 },
    nowMs: () => this.nowMs - 1_700_000_000_000,
  }
}

const scratch = await freshFolder()
afterAll(() => rm(scratch.folder, { recursive: true, force: true }))

test('random scripts of operations give the same answers on SQLite as on memory', async () => {
  const property = fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async script => {
    const clock = new Clock()
    const path = `${scratch.path}.${randomUUID()}`
    const memory = openMemoryStore({ clock: () => clock.nowMs })
    const open = (): Promise<LogStore> => openSqliteStore({ path, clock: () => clock.nowMs, bootClock: clock.boot })
    // Two connections in turn: what one wrote, the other must see.
    const sqlites = [await open(), await open()]
    try {
      for (const [index, step] of script.entries()) {
        if (step.op === 'pass') clock.nowMs += step.ms
        else {
          const sqlite = sqlites[index % 2]
          expect(await answer(sqlite ?? memory, step)).toEqual(await answer(memory, step))
        }
      }
    } finally {
      await Promise.all(sqlites.map(store => store.close()))
    }
  })
  await fc.assert(property, { numRuns: 60 })
})

async function answer(store: LogStore, step: Exclude<Operation, { op: 'pass' }>): Promise<unknown> {
  const name = `s${step.stream}`
  try {
    switch (step.op) {
      case 'append':
        return await store.append(name, await expectedHead(store, name, step.expected), step.events.map(event))
      case 'commit':
        return await commit(store, name, head(step.after), step.events.map(event))
      case 'read':
        return await readAll(store, name, optionsOf(step.options))
      case 'look':
        return [
          await store.head(name),
          await store.now(name),
          await store.latestCheckpoint(name),
          await readAll(store, name, {}),
        ]
    }
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}

/** -3: wherever; -2: the true head; else a revision. */
async function expectedHead(store: LogStore, name: string, expected: number): Promise<Head | 'any'> {
  if (expected === -3) return 'any'
  return expected === -2 ? store.head(name) : head(expected)
}

function head(position: number): Head {
  return position < 0 ? 'none' : (position as Exclude<Head, 'none'>)
}

async function commit(store: LogStore, name: string, after: Head, proposed: readonly NewEvent[]): Promise<unknown> {
  const seen: unknown[] = []
  const result = await store.commit(name, after, {
    absorb: entries => void seen.push(...entries),
    decide: view => {
      seen.push(...view.entries, view.head, view.nowMs)
      return proposed
    },
  })
  return [result, seen]
}

async function readAll(store: LogStore, name: string, options: ReadOptions): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = []
  for await (const batch of store.read(name, options)) entries.push(...batch)
  return entries
}

function optionsOf({ from, limit, backwards }: { from?: number; limit?: number; backwards: boolean }): ReadOptions {
  return {
    direction: backwards ? 'backwards' : 'forwards',
    ...(from === undefined ? {} : { from: from as Exclude<Head, 'none'> }),
    ...(limit === undefined ? {} : { limit }),
  }
}

/** The event of a number: the last three are a CHECKPOINT with an offset, an import, and one that does not fit. */
function event(number: number): NewEvent {
  const eventId = IDS[number] ?? ''
  const plain = { ...beat(String(number)), eventId }
  if (number === EVENTS - 1) return { ...plain, type: 'CHECKPOINT', data: { offset: 7, clockOffset: -2500 } }
  if (number === EVENTS - 2) return { ...plain, recordedAt: 1_800_000_003_000 as EpochMs }
  if (number === EVENTS - 3) return { ...plain, data: 'x'.repeat(600 * 1024) }
  return plain
}
