// One of the processes that `eventstoredb.ts` starts: gives commands for a while and reports when each was answered.
import { once } from 'node:events'
import * as z from 'zod'
import { openLedgerOn } from '../../packages/engine/src/index.ts'
import { openEventStoreDbStore } from '../../packages/store/src/eventstoredb.ts'

const Task = z.object({
  url: z.string(),
  ledger: z.string(),
  name: z.string(),
  inFlight: z.number(),
  forMs: z.number(),
})

/** What all do at once for the first time is no measure of what they do for hours. */
const SETTLE_MS = 1_500

const task = Task.parse(JSON.parse(process.argv[2] ?? '{}'))
const store = await openEventStoreDbStore({ url: task.url, snapshotFolder: null })
const ledger = await openLedgerOn(store, { ledger: task.ledger })
const latenciesMs: number[] = []
const answeredAtMs: number[] = []
const errors: string[] = []
const stop = new AbortController()

const go = once(process.stdin, 'data')
process.stdout.write('ready\n')
await go
const fromMs = performance.now() + SETTLE_MS
const toMs = fromMs + task.forMs
const all = Promise.all(Array.from({ length: task.inFlight }, (_, index) => giveCommands(index)))
await new Promise(resolve => setTimeout(resolve, toMs - performance.now()))
// Goes on after the measurement until all are through: whoever ends takes load from those who do not.
const through = once(process.stdin, 'data')
process.stdout.write('measured\n')
await through
stop.abort()
await all
process.stdout.write(`${JSON.stringify({ latenciesMs, gapMs: longestGap(), errors })}\n`)
await ledger.close()
process.stdin.destroy()

/** Acquires a lane and gives it back, one command after another. */
async function giveCommands(index: number): Promise<void> {
  const lane = `${task.name}-${index}`
  while (!stop.signal.aborted) {
    try {
      const outcome = await timed(() => ledger.acquire({ lane, holder: task.name }))
      if (outcome.outcome !== 'granted' || outcome.lease.token === null) throw new Error(outcome.outcome)
      const { token } = outcome.lease
      await timed(() => ledger.release({ lane, holder: task.name, token }))
    } catch (error) {
      errors.push(String(error))
    }
  }
}

async function timed<T>(run: () => Promise<T>): Promise<T> {
  const beganMs = performance.now()
  const result = await run()
  const atMs = performance.now()
  if (atMs >= fromMs && atMs < toMs) {
    latenciesMs.push(atMs - beganMs)
    answeredAtMs.push(atMs)
  }
  return result
}

/** The longest time without any answer; answers to commands given together come together. */
function longestGap(): number {
  const times = [fromMs, ...answeredAtMs, toMs]
  return Math.max(...times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs)))
}
