import { StoreError, type LogStore } from '@holdfast/store'

/** What happens between a ledger and its store. */
export interface Faults {
  /** Commits take effect and their answers are lost. */
  loseAnswers: boolean
  /** Nothing reaches the store. */
  unreachable: boolean
  /** Subscriptions stay silent. */
  readonly deaf: boolean
  commits: number
}

/** Puts faults between a ledger and a store. */
export function withFaults(faults: Faults): (store: LogStore) => LogStore {
  return store =>
    new Proxy(store, {
      get(target, name) {
        if (name === 'commit') return (...args: Parameters<LogStore['commit']>) => commit(target, faults, args)
        if (name === 'subscribe' && faults.deaf) return silence
        const member: unknown = Reflect.get(target, name)
        return typeof member === 'function'
          ? (...args: unknown[]): unknown => Reflect.apply(member, target, args)
          : member
      },
    })
}

export function noFaults(options: { readonly deaf?: boolean } = {}): Faults {
  return { loseAnswers: false, unreachable: false, deaf: options.deaf ?? false, commits: 0 }
}

async function commit(store: LogStore, faults: Faults, args: Parameters<LogStore['commit']>) {
  if (faults.unreachable) throw new StoreError('unavailable', 'the store is out of reach')
  faults.commits += 1
  const result = await store.commit(...args)
  if (faults.loseAnswers) throw new StoreError('timeout-unknown-outcome', 'the answer was lost')
  return result
}

/** A subscription that never delivers anything and ends when it is told to. */
async function* silence(...[, , { signal }]: Parameters<LogStore['subscribe']>): AsyncGenerator<never> {
  if (!signal.aborted) {
    await new Promise<void>(resolve => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }
  yield* []
}
