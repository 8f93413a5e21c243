import { commitByAppend } from '@holdfast/store'
import { STORE_CONTRACT, type StoreFactory } from '@holdfast/store/contract'
import { MemoryLog, openMemoryStore } from '@holdfast/store/memory'
import { describe, test } from 'vitest'
import { sqliteFactory } from './harness/sqlite-factory.ts'
import { wrapped } from './harness/wrapped-store.ts'

const memory: StoreFactory = {
  name: 'memory',
  open: () => {
    const log = new MemoryLog(Date.now)
    return Promise.resolve({ connect: async () => openMemoryStore({ log }), dispose: () => Promise.resolve() })
  },
}

/** Commits as a store without transactions has them: read, decide, append, and again on a conflict. */
const optimistic: StoreFactory = {
  name: 'memory, with commits derived from append and read',
  open: async () => {
    const opened = await memory.open()
    const connect = async () => {
      const store = await opened.connect()
      const pause = (): Promise<void> => Promise.resolve()
      return wrapped(store, {
        commit: (stream, after, decider) => commitByAppend(store, stream, after, decider, { pause }),
      })
    }
    return { ...opened, connect }
  },
}

describe.each([memory, optimistic, sqliteFactory])('the contract on $name', factory => {
  test.each(STORE_CONTRACT)('$name', ({ run }) => run(factory))
})
