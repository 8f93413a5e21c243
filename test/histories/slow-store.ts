import { StoreError, type LogStore } from '@holdfast/store'
import { wrapped } from '../store/harness/wrapped-store.ts'

/** What goes wrong with a commit: nothing of it is written, or its answer is lost. */
export type CommitFault = 'unreachable' | 'answer-lost' | null

/** How a store answers, call by call: it begins anew where a list ends. */
export interface Pace {
  /** Turns of the event loop that calls take. */
  readonly turns: readonly number[]
  /** Turns that items of subscriptions take. */
  readonly hearing: readonly number[]
  readonly faults: readonly CommitFault[]
}

/** A store that takes its time, so that what several commands do comes in many orders. */
export function slow(store: LogStore, { turns, hearing, faults }: Pace): LogStore {
  const pause = paced(turns)
  const pauseToHear = paced(hearing)
  let commits = 0
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
        await pauseToHear()
        yield item
      }
    },
  })
}

function paced(turns: readonly number[]): () => Promise<void> {
  let calls = 0
  return () => turned(turns[calls++ % turns.length] ?? 0)
}

export async function turned(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise(resolve => setImmediate(resolve))
}
