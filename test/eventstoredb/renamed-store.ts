import type { LogStore } from '@holdfast/store'
import { checkStreamName, STREAM_NAME_LENGTH_MAX } from '@holdfast/store/internal'

/** The same store with other ledger names, so that many tests can share a server. A refused name is refused as it is. */
export function renamed(store: LogStore, prefix: string): LogStore {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: readonly unknown[]): unknown => {
        const [first, ...rest] = args
        const renamedArgs = typeof first === 'string' ? [named(prefix, first), ...rest] : args
        return Reflect.apply(value, target, renamedArgs) as unknown
      }
    },
  })
}

function named(prefix: string, stream: string): string {
  try {
    checkStreamName(stream)
  } catch {
    return stream
  }
  return `${prefix}${stream}`.slice(0, STREAM_NAME_LENGTH_MAX)
}
