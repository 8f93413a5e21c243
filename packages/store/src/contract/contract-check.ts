import type { LogStore } from '../port.ts'

/** A store under test: an empty log, and as many connections to it as a check asks for. */
export interface OpenedStore {
  /** Another connection to the same log. The suite closes what it connects. */
  readonly connect: () => Promise<LogStore>
  /** Removes the log. */
  readonly dispose: () => Promise<void>
}

/** How to make a store under test. */
export interface StoreFactory {
  readonly name: string
  readonly open: () => Promise<OpenedStore>
}

/** One promise of the port. `run` rejects with the reason when the store does not keep it. */
export interface ContractCheck {
  readonly name: string
  readonly run: (factory: StoreFactory) => Promise<void>
}

/** A check on a fresh log; gives connections, and closes them and removes the log afterwards. */
export function check(name: string, body: (connect: () => Promise<LogStore>) => Promise<void>): ContractCheck {
  return {
    name,
    run: async ({ open }) => {
      const opened = await open()
      const connections: LogStore[] = []
      try {
        await body(async () => {
          const store = await opened.connect()
          connections.push(store)
          return store
        })
      } finally {
        await Promise.all(connections.map(store => store.close()))
        await opened.dispose()
      }
    },
  }
}
