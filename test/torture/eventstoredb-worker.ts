// One of the processes that `eventstoredb.ts` starts and kills: gives commands until its input ends, compacts by itself,
// and says a line for each grant and each call that took too long or failed in a way that nobody expects.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLedgerOn, type Ledger } from '@holdfast/engine'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import { TTL_MS } from './exclusive-grants.ts'
import { Task, type Said } from './worker-lines.ts'

const REPORT_EVERY_MS = 500

const task = Task.parse(JSON.parse(process.argv[2] ?? '{}'))
let counts: Record<string, number> = {}
let slowestMs = 0
const ending = new AbortController()

const store = await openEventStoreDbStore({ url: task.url, snapshotFolder: null, deadlineMs: task.deadlineMs })
const ledger = await opened()
const reports = setInterval(report, REPORT_EVERY_MS)
const chains = Array.from({ length: task.chains }, () => giveCommands(ledger))
for await (const _line of process.stdin) {
  // Its end is what is waited for.
}
ending.abort()
await Promise.all(chains)
clearInterval(reports)
report()
await ledger.close()

/** The server may be away just now. */
async function opened(): Promise<Ledger> {
  for (;;) {
    try {
      return await openLedgerOn(store, { ledger: task.ledger, compaction: task.compaction })
    } catch (error) {
      count(codeOf(error))
      await sleep(task.pauseMs)
    }
  }
}

async function giveCommands(on: Ledger): Promise<void> {
  while (!ending.signal.aborted) {
    const lane = `lane-${Math.floor(Math.random() * task.lanes)}`
    const holder = task.name
    const asked = await timed(() => on.acquire({ lane, holder, ttl: TTL_MS, requestId: randomUUID() }))
    if (asked?.outcome === 'granted' && asked.lease.token !== null) {
      const { token } = asked.lease
      say({ what: 'granted', lane, token })
      // Some leases are left to expire.
      if (Math.random() < 0.5) await timed(() => on.heartbeat({ lane, holder, token }))
      if (Math.random() < 0.9) await timed(() => on.release({ lane, holder, token }))
    }
    await sleep(Math.random() * task.pauseMs)
  }
}

async function timed<T extends { readonly outcome: string }>(run: () => Promise<T>): Promise<T | undefined> {
  const beganMs = performance.now()
  try {
    const answer = await run()
    count(answer.outcome)
    return answer
  } catch (error) {
    count(codeOf(error))
    return undefined
  } finally {
    slowestMs = Math.max(slowestMs, performance.now() - beganMs)
  }
}

/** A server that goes and comes leaves these two, and no other. */
function codeOf(error: unknown): string {
  const code = String(Reflect.get(Object(error) as object, 'code'))
  if (code !== 'unavailable' && code !== 'timeout-unknown-outcome') say({ what: 'failed', error: String(error) })
  return code
}

function count(how: string): void {
  counts[how] = (counts[how] ?? 0) + 1
}

function report(): void {
  say({ what: 'answered', counts, slowestMs })
  counts = {}
  slowestMs = 0
}

function say(said: Said): void {
  process.stdout.write(`${JSON.stringify(said)}\n`)
}
