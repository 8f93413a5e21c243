import type { LogEntry } from '@holdfast/core'
import type { LogStore } from '@holdfast/store'

/** The store, and how many entries were read from it so far. */
export function counting(store: LogStore): { readonly store: LogStore; readonly read: () => number } {
  let count = 0
  async function* counted(entries: ReturnType<LogStore['read']>): AsyncGenerator<readonly LogEntry[]> {
    for await (const batch of entries) {
      count += batch.length
      yield batch
    }
  }
  const read: LogStore['read'] = (...args) => counted(store.read(...args))
  const readArchive: LogStore['readArchive'] = (...args) => counted(store.readArchive(...args))
  const { past: finder } = store
  const past = finder && {
    ...finder,
    at: (...args: Parameters<typeof finder.at>) => counted(finder.at(...args)),
  }
  const seen = new Proxy(store, {
    get: (target, key) => {
      if (key === 'read') return read
      if (key === 'readArchive') return readArchive
      if (key === 'past') return past
      const value: unknown = Reflect.get(target, key, target)
      const bound: unknown = typeof value === 'function' ? value.bind(target) : value
      return bound
    },
  })
  return { store: seen, read: () => count }
}
