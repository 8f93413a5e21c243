import type { LogStore } from '@holdfast/store'
import type { Instruments } from './instruments.ts'

/**
 * The store, with its commits measured and its failures counted by operation. It is the same store for everybody who uses
 * it: each method runs on the store itself, with what it was given.
 */
export function observedStore(store: LogStore, instruments: Instruments): LogStore {
  const made = new Map<PropertyKey, unknown>()
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const known = made.get(name)
      if (known !== undefined) return known
      const operation = typeof name === 'string' ? name : 'close'
      const method = (...given: readonly unknown[]): unknown => {
        const startMs = performance.now()
        const answer: unknown = Reflect.apply(value, target, given)
        if (answer instanceof Promise) return awaited(answer, operation, startMs, instruments)
        return isIterable(answer) ? iterated(answer, operation, instruments) : answer
      }
      made.set(name, method)
      return method
    },
  })
}

async function awaited(
  answer: Promise<unknown>,
  operation: string,
  startMs: number,
  instruments: Instruments,
): Promise<unknown> {
  try {
    const given = await answer
    const events = operation === 'commit' ? eventsOf(given) : 0
    if (events > 0) instruments.committed(events, performance.now() - startMs)
    return given
  } catch (error) {
    instruments.storeFailed(operation, error)
    throw error
  }
}

function eventsOf(committed: unknown): number {
  if (typeof committed !== 'object' || committed === null || !('entries' in committed)) return 0
  return Array.isArray(committed.entries) ? committed.entries.length : 0
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

async function* iterated(
  items: AsyncIterable<unknown>,
  operation: string,
  instruments: Instruments,
): AsyncIterable<unknown> {
  try {
    yield* items
  } catch (error) {
    instruments.storeFailed(operation, error)
    throw error
  }
}
