// One of the processes that `contention.ts` starts: commits for a while and reports how long each commit took.
import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Head, LogStore, NewEvent } from '../../packages/store/src/port.ts'
import { openSqliteStore } from '../../packages/store/src/sqlite.ts'
import { TicketQueue } from '../../packages/store/src/sqlite/ticket-queue.ts'
import { randomWaiting, type Waiting } from '../../packages/store/src/sqlite/waiting.ts'

const Task = z.object({
  path: z.string(),
  waiting: z.string(),
  /** Commits a second that this process offers; 0 for as many as it can. */
  perSecond: z.number(),
  forMs: z.number(),
  /** `commit` folds what the others wrote, `append` writes without reading. */
  by: z.enum(['commit', 'append']),
})

const task = Task.parse(JSON.parse(process.argv[2] ?? '{}'))
const waitings: Record<string, (path: string) => Waiting> = {
  random: randomWaiting,
  tickets: path => new TicketQueue(path),
}

await warmUp(`${task.path}-warm-${process.pid}`)
const store = await openSqliteStore({ path: task.path, lockDeadlineMs: 60_000 }, waitings[task.waiting])
let head: Head = await store.head('default')
process.stdout.write('ready\n')
await new Promise(resolve => process.stdin.once('data', resolve))

const usedBefore = process.cpuUsage()
const latenciesMs: number[] = []
const errors: string[] = []
const startedMs = performance.now()
let dueMs = startedMs
let stalledMs = 0
let ticked = performance.now()
const ticker = setInterval(() => {
  stalledMs = Math.max(stalledMs, performance.now() - ticked - 5)
  ticked = performance.now()
}, 5)
while (performance.now() - startedMs < task.forMs) {
  if (task.perSecond > 0) {
    dueMs += (-Math.log(1 - Math.random()) * 1000) / task.perSecond
    const waitMs = dueMs - performance.now()
    if (waitMs > 0) await new Promise(resolve => setTimeout(resolve, waitMs))
  } else dueMs = performance.now()
  try {
    head = await commitOne(store, head)
    latenciesMs.push(performance.now() - Math.min(dueMs, performance.now()))
  } catch (error) {
    errors.push(String(error))
  }
}
clearInterval(ticker)
const used = process.cpuUsage(usedBefore)
const cpuMs = (used.user + used.system) / 1000
process.stdout.write(
  `${JSON.stringify({ latenciesMs, errors, stalledMs, ranMs: performance.now() - startedMs, cpuMs })}\n`,
)
await store.close()
process.exit(0)

/** Long-lived processes are meant, not 32 that start: their code is compiled before the measurement begins. */
async function warmUp(path: string): Promise<void> {
  await using own = await openSqliteStore({ path })
  let at: Head = 'none'
  for (let round = 0; round < 300; round += 1) {
    const last = await commitOne(own, at)
    if (round % 32 === 0) at = last
  }
}

async function commitOne(log: LogStore, after: Head): Promise<Head> {
  if (task.by === 'append') {
    const appended = await log.append('default', 'any', [event()])
    return appended.outcome === 'appended' ? appended.last : after
  }
  const { head: last } = await log.commit('default', after, { absorb: () => undefined, decide: () => [event()] })
  return last
}

function event(): NewEvent {
  const data = { lane: 'api', leaseId: 'api@1', token: 1, reason: '' }
  return { eventId: randomUUID(), type: 'HEARTBEAT', schemaVersion: 1, actor: null, data }
}
