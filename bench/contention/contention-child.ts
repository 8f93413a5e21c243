// One of the processes that `contention.ts` starts: commits for a while and reports how long each commit took.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { Head, LogStore, NewEvent } from '../../packages/store/src/port.ts'
import { openSqliteStore } from '../../packages/store/src/sqlite.ts'
import { TicketQueue } from '../../packages/store/src/sqlite/ticket-queue.ts'
import type { WaitQueue } from '../../packages/store/src/sqlite/wait-queue.ts'

const Task = z.object({
  path: z.string(),
  /** Where the rehearsal's stores lie; in memory if possible, so that they leave the disk alone. */
  rehearsalFolder: z.string(),
  waiting: z.string(),
  /** Commits a second that this process offers; 0 for as many as it can. */
  perSecond: z.number(),
  forMs: z.number(),
  /** `commit` folds what the others wrote, `append` writes without reading. */
  by: z.enum(['commit', 'append']),
})

/** Commits of a rehearsal on a store of its own: long-lived processes are meant, whose code is compiled. */
const REHEARSED = 1000

/** What all do at once for the first time is no measure of what they do for hours. */
const SETTLE_MS = 2000

const task = Task.parse(JSON.parse(process.argv[2] ?? '{}'))
const waitings: Record<string, (path: string) => WaitQueue> = {
  random: randomWaiting,
  tickets: path => new TicketQueue(path),
}

await rehearse()
const store = await openSqliteStore({ path: task.path, lockDeadlineMs: 60_000 }, waitings[task.waiting])
let head: Head = await store.head('default')
await told('ready')

const latenciesMs: number[] = []
const errors: string[] = []
const stop = new AbortController()
void told('committing').then(() => stop.abort())
let dueMs = performance.now()
const fromMs = dueMs + SETTLE_MS
const toMs = fromMs + task.forMs
let usedBefore = process.cpuUsage()
let measuring = false
let cpuMs = 0
// Goes on after the measurement until all are through: whoever ends takes processor time from those who do not.
while (!stop.signal.aborted) {
  dueMs = task.perSecond > 0 ? await nextDue(dueMs) : performance.now()
  const counts = dueMs >= fromMs && dueMs < toMs
  if (counts && !measuring) usedBefore = process.cpuUsage()
  if (!counts && measuring) {
    const { user, system } = process.cpuUsage(usedBefore)
    cpuMs = (user + system) / 1000
    process.stdout.write('measured\n')
  }
  measuring = counts
  try {
    head = await commitOne(store, head)
    if (counts) latenciesMs.push(performance.now() - dueMs)
  } catch (error) {
    errors.push(String(error))
  }
}
process.stdout.write(`${JSON.stringify({ latenciesMs, errors, cpuMs })}\n`)
await store.close()
process.stdin.destroy()

/** What the line is measured against: short random naps, which need nothing beside the lock and know no order. */
function randomWaiting(): WaitQueue {
  const wait = {
    mayTry: () => true,
    isNear: () => false,
    cameNearer: () => false,
    pause: () => sleep(Math.random() * 2),
    got: () => undefined,
    end: () => undefined,
  }
  return { begin: () => wait, close: () => undefined }
}

async function told(state: string): Promise<void> {
  const go = once(process.stdin, 'data')
  process.stdout.write(`${state}\n`)
  await go
}

/** Waits for the next arrival of a Poisson process. */
async function nextDue(lastMs: number): Promise<number> {
  const nextMs = lastMs + (-Math.log(1 - Math.random()) * 1000) / task.perSecond
  const waitMs = nextMs - performance.now()
  if (waitMs > 0) await sleep(waitMs)
  // A timer is late by up to a millisecond, which is not the store's.
  return waitMs > 0 ? performance.now() : nextMs
}

async function rehearse(): Promise<void> {
  const folder = await mkdtemp(join(task.rehearsalFolder, 'holdfast-rehearsal-'))
  {
    await using own = await openSqliteStore({ path: join(folder, 'ledger.db') })
    let at: Head = 'none'
    for (let round = 0; round < REHEARSED; round += 1) {
      const last = await commitOne(own, at)
      if (round % 32 === 0) at = last
    }
  }
  await rm(folder, { recursive: true })
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
