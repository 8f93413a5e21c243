// Processes that work on one ledger on the fixture, with a large state, and are killed at random while it is compacted by
// itself and the server goes and comes:
//   npm run torture:eventstoredb -- [--minutes 30] [--processes 4]
// Ends with 0 when the ledger verifies clean, nothing was granted twice, all that was acknowledged is in the log, no call
// took longer than its deadline, and no part of a state is left that no CHECKPOINT names.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Configuration } from '@holdfast/core'
import { openLedgerOn } from '@holdfast/engine'
import { compactLedger } from '@holdfast/engine/maintenance'
import { verifyLedger } from '@holdfast/projections'
import { readHistory } from '@holdfast/store'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import * as z from 'zod'
import { EsdbFixture } from '../eventstoredb/fixture/esdb-fixture.ts'
import type { AppendFault } from '../eventstoredb/fixture/fixture-node.ts'
import { ExclusiveGrants, TTL_MS } from './exclusive-grants.ts'
import { Said, type Task } from './worker-lines.ts'

const Carrier = z.object({ data: z.object({ state: z.object({ stream: z.string() }) }) })

/** Request ids that are remembered when it begins: their state takes several parts. */
const REMEMBERED = 12_000
const SEED_AT_ONCE = 500
/** How long ids are remembered at most: the workers give as many meanwhile, so that the state stays large and bounded. */
const REMEMBERED_MS_MAX = 5 * 60_000

const DEADLINE_MS = 8_000
/** What a call may take beyond its deadline on a machine where all processes want the same cores. */
const SLACK_MS = 2_000

const KILL_EVERY_MS = [500, 4_000] as const
/** How often one is killed that has not begun to work: else a busy machine would kill all of them while they start. */
const KILLED_AT_START = 0.1
const OUTAGE_EVERY_MS = [5_000, 20_000] as const
const OUTAGE_MS = [20, 1_500] as const
const FAULTS: readonly AppendFault[] = [
  'reset-after-commit',
  'reset-before-commit',
  'timeout-after-commit',
  'timeout-before-commit',
]
const TELL_EVERY_MS = 30_000
const LEDGER = 'torture'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    processes: { type: 'string', default: '4' },
  },
})
const forMs = Number(values.minutes) * 60_000
const processes = Number(values.processes)
if (!(forMs > 0) || !(processes > 0)) throw new Error('--minutes and --processes must be numbers above 0')

const fixture = await EsdbFixture.start()
fixture.leader.appendMs = 1
const url = fixture.url()
const counts = new Map<string, number>()
const acknowledged = new Map<number, string>()
const problems: string[] = []
/** Streams of parts that CHECKPOINTs name. */
const named: string[] = []
fixture.log.onEvent(({ stream, type, data }) => {
  if (stream !== `holdfast-${LEDGER}` || type !== 'CHECKPOINT') return
  const written: unknown = JSON.parse(Buffer.from(data).toString())
  const found = Carrier.safeParse(written)
  if (found.success) named.push(found.data.data.state.stream)
})
let slowestMs = 0
let kills = 0
let outages = 0

await seed()
const endMs = performance.now() + forMs
const workers = Array.from({ length: processes }, (_, index) => start(`w${index}`))
const telling = setInterval(tell, TELL_EVERY_MS)
await Promise.all([killAtRandom(), failAtRandom()])
await Promise.all(workers.map(worker => worker.end()))
clearInterval(telling)
tell()
await judge()
for (const problem of problems.slice(0, 20)) console.log(`PROBLEM: ${problem}`)
console.log(problems.length === 0 ? 'torture passed' : `torture failed: ${problems.length} problems`)
process.exit(problems.length === 0 ? 0 : 1)

/** Makes the state large. */
async function seed(): Promise<void> {
  const store = await openEventStoreDbStore({ url, snapshotFolder: null })
  const config = Configuration.parse({ requestMemoryMs: REMEMBERED_MS_MAX, graceMs: 500, clockStepBoundMs: 500 })
  await using ledger = await openLedgerOn(store, { ledger: LEDGER, config, compaction: { automatic: false } })
  const one = async (index: number): Promise<void> => {
    const lane = `seed-${index}`
    const asked = await ledger.acquire({ lane, holder: 'seed', ttl: TTL_MS, requestId: randomUUID() })
    if (asked.outcome !== 'granted') throw new Error(asked.outcome)
    await ledger.release({ lane, holder: 'seed', token: asked.lease.token })
  }
  for (let from = 0; from < REMEMBERED; from += SEED_AT_ONCE) {
    await Promise.all(Array.from({ length: SEED_AT_ONCE }, (_, index) => one(from + index)))
  }
  // Whoever starts reads the state, and not all of its history.
  await ledger.checkpoint({ reason: 'seeded' })
}

interface Worker {
  /** Whether it has been granted anything. */
  readonly isAtWork: () => boolean
  readonly end: () => Promise<void>
  readonly kill: () => Promise<void>
}

function start(name: string): Worker {
  const task: Task = {
    url,
    ledger: LEDGER,
    name: `${name}-${randomUUID().slice(0, 8)}`,
    chains: 4,
    lanes: processes * 3,
    pauseMs: 40,
    deadlineMs: DEADLINE_MS,
    compaction: { eventsMax: 200, everyMs: 1_000 },
  }
  const script = join(import.meta.dirname, 'eventstoredb-worker.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(task)], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.on('error', () => undefined)
  const closed = once(child, 'close')
  const lines = createInterface(child.stdout)
  let isAtWork = false
  lines.on('line', line => {
    isAtWork ||= line.includes('"granted"')
    hear(line)
  })
  const end = async (): Promise<void> => {
    child.stdin.end()
    const [code] = (await closed) as [number | null]
    if (code !== 0) problems.push(`${task.name} ended with ${code}`)
  }
  const kill = async (): Promise<void> => {
    const died = child.exitCode !== null
    if (died) problems.push(`${task.name} ended by itself with ${child.exitCode}`)
    child.kill('SIGKILL')
    await closed
  }
  return { isAtWork: () => isAtWork, end, kill }
}

/** A line that the kill has cut says nothing. */
function hear(line: string): void {
  let said: Said
  try {
    said = Said.parse(JSON.parse(line))
  } catch {
    return
  }
  switch (said.what) {
    case 'granted':
      acknowledged.set(said.token, said.lane)
      return
    case 'answered':
      for (const [how, count] of Object.entries(said.counts)) counts.set(how, (counts.get(how) ?? 0) + count)
      slowestMs = Math.max(slowestMs, said.slowestMs)
      if (said.slowestMs > DEADLINE_MS + SLACK_MS) problems.push(`a call took ${Math.round(said.slowestMs)} ms`)
      return
    case 'failed':
      problems.push(said.error)
      return
  }
}

async function killAtRandom(): Promise<void> {
  while (performance.now() < endMs) {
    await sleep(between(KILL_EVERY_MS))
    const index = Math.floor(Math.random() * workers.length)
    const worker = workers[index]
    if (worker === undefined || !(worker.isAtWork() || Math.random() < KILLED_AT_START)) continue
    await worker.kill()
    kills += 1
    workers[index] = start(`w${index}`)
  }
}

async function failAtRandom(): Promise<void> {
  while (performance.now() < endMs) {
    await sleep(Math.min(between(OUTAGE_EVERY_MS), Math.max(0, endMs - performance.now())))
    const fault = FAULTS[Math.floor(Math.random() * FAULTS.length)]
    if (fault !== undefined) fixture.leader.faults.push(fault)
    await fixture.line().refuse()
    await sleep(between(OUTAGE_MS))
    await fixture.line().listen()
    outages += 1
    fixture.log.scavenge()
  }
}

function between([least, most]: readonly [number, number]): number {
  return least + Math.random() * (most - least)
}

function tell(): void {
  const told = [...counts].map(([how, count]) => `${how} ${count}`).toSorted((a, b) => a.localeCompare(b))
  const memoryMb = Math.round(process.memoryUsage.rss() / 2 ** 20)
  const leftMs = Math.max(0, endMs - performance.now())
  console.log(
    `${Math.round(leftMs / 1_000)} s left: ${told.join(', ')}; slowest call ${Math.round(slowestMs)} ms; ${kills} kills, ${outages} outages, ${memoryMb} MB`,
  )
}

async function judge(): Promise<void> {
  await compactOnce()
  await using store = await openEventStoreDbStore({ url, snapshotFolder: null, deadlineMs: 600_000 })
  const { checks, unrecognised } = await verifyLedger(store, LEDGER)
  for (const { name, ok, detail } of checks) if (!ok) problems.push(`verify: ${name} ${detail ?? ''}`)
  if (Object.keys(unrecognised).length > 0) console.log(`unrecognised: ${JSON.stringify(unrecognised)}`)
  const grants = new ExclusiveGrants()
  let entries = 0
  for await (const batch of readHistory(store, LEDGER)) {
    entries += batch.length
    for (const entry of batch) grants.take(entry)
  }
  problems.push(...grants.doubles)
  for (const [token, lane] of acknowledged) {
    if (grants.granted.get(token) !== lane)
      problems.push(`the grant ${lane}@${token} was acknowledged and is not there`)
  }
  const { held } = await store.archive(LEDGER)
  const logged = fixture.log.visible(`holdfast-${LEDGER}`, Infinity)
  console.log(
    `${entries} events, ${Array.isArray(logged) ? logged.length : 0} of them in the log, ${held?.events ?? 0} in the archive; ` +
      `${acknowledged.size} acknowledged grants`,
  )
  if (held === null) problems.push('nothing was compacted')
  tellParts()
}

/** What killed processes left unsealed is removed by the next compaction. */
async function compactOnce(): Promise<void> {
  const store = await openEventStoreDbStore({ url, snapshotFolder: null, deadlineMs: 600_000 })
  await using ledger = await openLedgerOn(store, { ledger: LEDGER, compaction: { automatic: false } })
  const left = (await store.unsealed?.(LEDGER)) ?? []
  await compactLedger(ledger)
  const still = (await store.unsealed?.(LEDGER)) ?? []
  console.log(`${left.length} states were left unsealed, ${still.length} of them after a compaction`)
  if (still.length > 0) problems.push(`${still.length} unsealed states after a compaction`)
}

/** Parts of states that no CHECKPOINT has ever named: each is room that is lost. */
function tellParts(): void {
  const sides = fixture.log.names.filter(name => name.includes('~state-'))
  const orphans = sides.filter(name => !named.some(stream => name.endsWith(stream)))
  console.log(`${sides.length} streams of parts, ${orphans.length} that no CHECKPOINT names`)
  if (orphans.length > 0) problems.push(`${orphans.length} orphaned streams of parts`)
}
