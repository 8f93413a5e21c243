import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LINE_MAX_MS, TicketQueue } from './ticket-queue.ts'
import type { Wait } from './wait-queue.ts'

/** Longer than any test may take: only a touch ends a sleep before it. */
const NO_ALARM_MS = 600_000

let folder: string
let queues: TicketQueue[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-queue-'))
  queues = []
})

afterEach(async () => {
  for (const queue of queues) queue.close()
  await rm(folder, { recursive: true })
})

/** A process of its own, as far as the line can tell. */
function waiter(alarmMs = NO_ALARM_MS): Wait {
  const queue = new TicketQueue(join(folder, 'ledger.db'), alarmMs)
  queues.push(queue)
  return queue.begin()
}

async function takeTicket(wait: Wait): Promise<void> {
  wait.mayTry()
  await wait.pause()
}

test('whoever comes first may try, and nobody else while somebody waits', async () => {
  const [first, second, third] = [waiter(), waiter(), waiter()]
  expect(first.mayTry()).toBe(true)
  await takeTicket(first)
  await takeTicket(second)
  expect([first.mayTry(), second.mayTry(), third.mayTry()]).toEqual([true, false, false])
  expect([first.isNear(), second.isNear()]).toEqual([true, true])
})

test('whoever gets the lock wakes the next in line, and only that one', async () => {
  const [first, second, third] = [waiter(), waiter(), waiter()]
  for (const wait of [first, second, third]) await takeTicket(wait)
  for (const wait of [second, third]) expect(wait.mayTry()).toBe(false)
  let thirdWoken = false
  const secondWoken = second.pause()
  const sleeping = third.pause().then(() => (thirdWoken = true))
  first.got()
  await secondWoken
  expect(second.mayTry()).toBe(true)
  expect(thirdWoken).toBe(false)
  expect(third.mayTry()).toBe(false)
  second.got()
  await sleeping
  expect(third.mayTry()).toBe(true)
})

test('whoever waits sees that those ahead get their turn, or that nobody does', async () => {
  const [first, second, third] = [waiter(), waiter(), waiter()]
  for (const wait of [first, second, third]) await takeTicket(wait)
  const nearer = (): boolean => {
    third.mayTry()
    return third.cameNearer()
  }
  expect([nearer(), nearer()]).toEqual([true, false])
  first.got()
  expect([nearer(), nearer()]).toEqual([true, false])
  second.got()
  expect([nearer(), nearer()]).toEqual([true, false])
})

test('whoever left before the ticket was there is noticed before the sleep', async () => {
  const [first, second] = [waiter(), waiter()]
  await takeTicket(first)
  expect(second.mayTry()).toBe(false)
  first.end()
  await second.pause()
  expect(second.mayTry()).toBe(true)
})

test('a ticket that nobody looks after any more holds nobody up', async () => {
  const alarmMs = 20
  const [killed, too, next] = [waiter(), waiter(), waiter(alarmMs)]
  for (const wait of [killed, too, next]) await takeTicket(wait)
  expect(next.mayTry()).toBe(false)
  expect(next.isNear()).toBe(false)
  do {
    await next.pause()
    next.mayTry()
  } while (!next.isNear())
  // By its place in line, and not because it has stood there for long: it may try again at once.
  expect([next.mayTry(), next.mayTry()]).toEqual([true, true])
})

test('without the file or the folder everybody may try', () => {
  const queue = new TicketQueue(join(folder, 'no', 'such', 'folder', 'ledger.db'))
  queues.push(queue)
  const wait = queue.begin()
  expect(wait.mayTry()).toBe(true)
  wait.got()
  wait.end()
})

test('a line full of tickets that somebody keeps fresh costs a bounded time', async () => {
  const path = join(folder, 'ledger.db')
  const words = new Float64Array(128 * 3)
  const keepFresh = async (): Promise<void> => {
    const [seconds, nanoseconds] = process.hrtime()
    const nowMs = seconds * 1000 + nanoseconds / 1e6
    for (let slot = 0; slot < 120; slot += 1) words.set([1, slot + 1, nowMs], slot * 3)
    await writeFile(`${path}.queue`, new Uint8Array(words.buffer))
  }
  await keepFresh()
  const wait = waiter(5)
  const beganAtMs = performance.now()
  expect(wait.mayTry()).toBe(false)
  let looks = 0
  while (!wait.mayTry()) {
    looks += 1
    await keepFresh()
    await wait.pause()
  }
  // Its place is taken at the first pause. The bound is in milliseconds of the line's own clock.
  expect(performance.now() - beganAtMs).toBeGreaterThanOrEqual(LINE_MAX_MS - 1)
  expect(looks).toBeGreaterThan(1)
  // It does not try again at once: those who work have the processor.
  expect(wait.mayTry()).toBe(false)
  wait.end()
})
