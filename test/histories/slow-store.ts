import { StoreError, type LogStore } from '@holdfast/store'
import { wrapped } from '../store/harness/wrapped-store.ts'

/** What goes wrong with a commit: nothing of it is written, or its answer is lost. */
export type CommitFault = 'unreachable' | 'answer-lost' | null

/** How a store answers, call by call: it begins anew where a list ends. */
export interface Pace {
  /** Turns of the event loop that calls and items of subscriptions take. */
  readonly turns: readonly number[]
  readonly faults: readonly CommitFault[]
}

/** A store that takes its time, so that what several commands do comes in many orders. */
export function slow(store: LogStore, { turns, faults }: Pace): LogStore {
  let calls = 0
  let commits = 0
  const pause = async (): Promise<void> => {
    calls += 1
    await turned(turns[calls % turns.length] ?? 0)
  }
  return wrapped(store, {
    now: async stream => {
      await pause()
      return store.now(stream)
    },
    commit: async (...asked) => {
      commits += 1
      const fault = faults[commits % faults.length] ?? null
      if (fault === 'unreachable') throw new StoreError('unavailable', 'the store is out of reach')
      const result = await store.commit(...asked)
      await pause()
      if (fault === 'answer-lost') throw new StoreError('timeout-unknown-outcome', 'the answer was lost')
      return result
    },
    async *subscribe(...asked) {
      for await (const item of store.subscribe(...asked)) {
        await pause()
        yield item
      }
    },
  })
}

export async function turned(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise(resolve => setImmediate(resolve))
}
