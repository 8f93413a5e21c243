import type { LogStore } from '@holdfast/store'

/** The store with some of its methods changed. */
export function altered(store: LogStore, changes: Partial<LogStore>): LogStore {
  return new Proxy(store, {
    get(target, name): unknown {
      const changed: unknown = Reflect.get(changes, name)
      if (changed !== undefined) return changed
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
