import type { LogStore } from '@holdfast/store'

/** A store with some of its methods replaced; the rest stay the original's. */
export function wrapped(store: LogStore, overrides: Partial<LogStore>): LogStore {
  return new Proxy(store, {
    get: (target, name) => {
      const replaced: unknown = Reflect.get(overrides, name)
      if (replaced !== undefined) return replaced
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
