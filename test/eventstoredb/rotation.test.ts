import type { LogStore } from '@holdfast/store'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { beat, LEDGER, STREAM } from './harness.ts'
import { VirtualServer, type VirtualTimes } from './virtual-server.ts'

const MEASURED_MS = 4_000
const SETTLE_MS = 1_000

/** One after another by a seed, so that each run is the same. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockImplementation(seeded(7))
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A process with always something to commit; tells when each commit was answered. */
async function keepCommitting(store: LogStore, answeredAtMs: number[], running: () => boolean): Promise<void> {
  let head = await store.head(LEDGER)
  while (running()) {
    await store.now(LEDGER)
    const result = await store.commit(LEDGER, head, { absorb: () => undefined, decide: () => [beat()] })
    head = result.head
    answeredAtMs.push(performance.now())
  }
}

function longestGap(times: readonly number[], fromMs: number, toMs: number): number {
  const all = [fromMs, ...times.filter(atMs => atMs >= fromMs && atMs < toMs), toMs]
  return Math.max(...all.slice(1).map((atMs, index) => atMs - (all[index] ?? atMs)))
}

/** What one of the processes does. */
type Behaviour = (world: {
  readonly server: VirtualServer
  readonly times: VirtualTimes
  readonly answeredAtMs: number[]
  readonly running: () => boolean
}) => Promise<void>

const busy: Behaviour = ({ server, times, answeredAtMs, running }) =>
  keepCommitting(server.store(times), answeredAtMs, running)

/** Ends for good in the middle of the measurement. */
const dies: Behaviour = world => busy({ ...world, running: () => world.running() && performance.now() < diesAtMs })
let diesAtMs = 0

/** Commits now and then. */
const rare: Behaviour = async ({ server, times, answeredAtMs, running }) => {
  const store = server.store(times)
  while (running()) {
    let once = true
    await keepCommitting(store, answeredAtMs, () => once && !(once = false))
    await new Promise(resolve => setTimeout(resolve, 300))
  }
}

/** A holder that beats: it wants no turn of anybody. */
const beats: Behaviour = async ({ server, times, answeredAtMs, running }) => {
  const store = server.store(times)
  while (running()) {
    let once = true
    await keepCommitting(store, answeredAtMs, () => once && !(once = false))
    await new Promise(resolve => setTimeout(resolve, 1_500 + Math.random() * 1_500))
  }
}

/** One commit and gone, as a command typed at a shell. */
const oneShot: Behaviour = async ({ server, times, answeredAtMs, running }) => {
  while (running()) {
    let once = true
    await keepCommitting(server.store(times), answeredAtMs, () => once && !(once = false))
  }
}

/** A version that knows no order and gives no name: at once after a win, random pauses after a refusal. */
const greedy: Behaviour = async ({ server, times, answeredAtMs, running }) => {
  const calls = server.calls(times)
  let head = -1
  let attempt = 0
  while (running()) {
    const id = `greedy-${head}-${answeredAtMs.length}`
    const data = { data: { lane: 'api', leaseId: 'api@1', token: 1, reason: '' }, actor: null }
    const event = { eventId: id, type: 'HEARTBEAT', data, metadata: { hf: 0, p: {} } }
    const written = await calls.append(STREAM, head < 0 ? 'no_stream' : head, [event])
    if (written.outcome === 'written') {
      head = written.last
      attempt = 0
      answeredAtMs.push(performance.now())
      await calls.read(STREAM, { from: head, count: 1 })
      await calls.read(STREAM, { from: head, count: 1 })
      continue
    }
    const span = Math.random() * Math.min(50, 2 ** attempt)
    attempt += 1
    await new Promise(resolve => setTimeout(resolve, span))
    const read = await calls.read(STREAM, { count: 1, direction: 'backwards' })
    if (read.outcome === 'records') head = read.records[0]?.position ?? -1
  }
}

/**
 * Commits a second without an order, with random pauses after a refusal: measured with this model on the code
 * before there was one. Its shares were 0.94, 0.87 and 0.84, and a longer way to the server got 1 of 793.
 */
const UNORDERED = { alone: 74.1, two: 77.8, four: 83.5, eight: 94.4, besideRare: 54.1 }

const SAME_HOST = [1, 3] as const

async function measure(
  behaviours: readonly Behaviour[],
  base: (index: number) => readonly [number, number] = () => SAME_HOST,
) {
  const server = new VirtualServer()
  const random = seeded(behaviours.length)
  let running = true
  const fromMs = performance.now() + SETTLE_MS
  const toMs = fromMs + MEASURED_MS
  diesAtMs = fromMs + MEASURED_MS / 2
  const answers = behaviours.map((): number[] => [])
  const loops = behaviours.map((behaviour, index) => {
    const [lineMs, diskMs] = base(index)
    const times = {
      lineMs: () => lineMs + Math.floor(random() * 2 * lineMs),
      diskMs: () => diskMs + Math.floor(random() * 4),
    }
    return behaviour({ server, times, answeredAtMs: answers[index] ?? [], running: () => running })
  })
  await vi.advanceTimersByTimeAsync(SETTLE_MS + MEASURED_MS)
  running = false
  await vi.advanceTimersByTimeAsync(20_000)
  await Promise.all(loops)
  const counts = answers.map(each => each.filter(atMs => atMs >= fromMs && atMs < toMs).length)
  const total = counts.reduce((sum, each) => sum + each, 0)
  const perSecond = 1_000 / MEASURED_MS
  return {
    rates: counts.map(each => each * perSecond),
    rate: total * perSecond,
    share: Math.min(...counts) / (total / counts.length),
    gapsMs: answers.map(each => longestGap(each, fromMs, toMs)),
    asked: server.asked,
  }
}

const crowd = (count: number): readonly Behaviour[] => Array.from({ length: count }, () => busy)

describe('processes that commit to one ledger', () => {
  it.each([
    { count: 2, rateMin: 0.8 * UNORDERED.two },
    { count: 4, rateMin: 0.8 * UNORDERED.four },
    { count: 8, rateMin: 0.8 * UNORDERED.eight },
  ])('$count of them get equal shares, soon, for at most a fifth of the commits', async ({ count, rateMin }) => {
    const { share, gapsMs, rate } = await measure(crowd(count))
    expect(share).toBeGreaterThan(0.9)
    expect(Math.max(...gapsMs)).toBeLessThan(500)
    expect(rate).toBeGreaterThan(rateMin)
  })

  it('lets one that writes alone wait for nobody', async () => {
    const { rate, asked } = await measure([busy])
    expect(rate).toBeGreaterThan(0.99 * UNORDERED.alone)
    expect(asked.conflicts).toBe(0)
  })

  it('shuts out none whose way to the server is longer', async () => {
    const { share, gapsMs } = await measure(crowd(4), index => (index === 0 ? [4, 3] : SAME_HOST))
    expect(share).toBeGreaterThan(0.4)
    expect(Math.max(...gapsMs)).toBeLessThan(2_000)
  })

  it('waits once, and briefly, for those that are killed', async () => {
    const { gapsMs, rates } = await measure([busy, dies, dies, dies])
    expect(gapsMs[0]).toBeLessThan(300)
    // A quarter of the one half and all of the other, less what the doors of the first half cost.
    expect(rates[0]).toBeGreaterThan(0.55 * UNORDERED.alone)
  })

  it('does not pay for seven that commit now and then with more than a fifth', async () => {
    const { rates } = await measure([busy, ...Array.from({ length: 7 }, () => rare)])
    expect(rates[0]).toBeGreaterThan(0.8 * UNORDERED.besideRare)
  })

  it('waits for no holders that only beat', async () => {
    const FAR = [15, 3] as const
    const holders = Array.from({ length: 30 }, () => beats)
    const beside = await measure([busy, ...holders], () => FAR)
    const alone = await measure([busy], () => FAR)
    expect(beside.rates[0]).toBeGreaterThan(0.3 * (alone.rates[0] ?? 0))
    expect(beside.gapsMs[0]).toBeLessThan(1_000)
  })

  it('does not wait again and again for many that seldom come', async () => {
    const { rates } = await measure([busy, ...Array.from({ length: 24 }, () => rare)], () => [9, 3])
    // 1.0 in this world, and 0.5 where what is waited for them has no bound.
    expect(rates[0]).toBeGreaterThan(0.7)
  })

  it('gives commands that come and go their turn, and keeps its own', async () => {
    const { share, gapsMs } = await measure([busy, busy, oneShot, oneShot])
    expect(share).toBeGreaterThan(0.5)
    expect(Math.max(...gapsMs)).toBeLessThan(500)
  })

  it('holds its ground beside an older version that lets nobody go first', async () => {
    const { share, gapsMs } = await measure([...crowd(3), greedy])
    expect(share).toBeGreaterThan(0.6)
    expect(Math.max(...gapsMs)).toBeLessThan(500)
  })
})
