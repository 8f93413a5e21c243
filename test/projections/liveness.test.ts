import type { ProcessIdentity, ProcessStatus } from '@holdfast/core'
import {
  LivenessJson,
  livenessJson,
  LivenessSettings,
  LivenessView,
  loadLedger,
  queryLiveness,
  type LeaseLiveness,
  type LivenessView as View,
  type Progress,
  type ProgressSpan,
} from '@holdfast/projections'
import { liveness$, livenessView$ } from '@holdfast/projections/streams'
import { describe, expect, it } from 'vitest'
import { Scribe, STREAM } from './scribe.ts'
import { BEDS, type TestBed } from './stores.ts'
import { settle, until } from '../setup/virtual-time.ts'

const settings = LivenessSettings.parse({ graceMs: 1_000, spinMs: 20_000, progressWindowMs: 10_000 })

function processNamed(pid: number): ProcessIdentity {
  return { host: 'here', bootId: 'boot', pidNamespace: null, pid, processStart: '1' }
}

async function ask(bed: TestBed, options: Parameters<typeof queryLiveness>[3] = {}): Promise<View> {
  const view = await queryLiveness(bed.store, STREAM, await loadLedger(bed.store, STREAM), { settings, ...options })
  LivenessView.parse(view)
  LivenessJson.parse(livenessJson(view))
  return view
}

async function judged(bed: TestBed, options: Parameters<typeof queryLiveness>[3] = {}): Promise<string[]> {
  const { leases } = await ask(bed, options)
  return leases.map(({ lane, verdict, basis }) => `${lane} ${verdict} ${basis}`)
}

describe.each(BEDS)('queryLiveness on $kind', ({ open }) => {
  it('a young run is within its grace, then it spins, then its beat is old', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('api')
    expect(await judged(bed)).toEqual(['api ADVANCING within-grace'])
    bed.time.advance(1_000)
    expect(await judged(bed)).toEqual(['api SPINNING no-delta'])
    bed.time.advance(19_001)
    expect(await judged(bed)).toEqual(['api STALLED beat-old'])
  })

  it('is unknown where nothing was found and not everything could be looked at, and proves no spinning', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('api')
    bed.time.advance(1_000)
    const nothing: Progress = { commits: 0, files: 0 }
    const asked = (found: Progress) => judged(bed, { progress: () => found })
    expect(await asked(nothing)).toEqual(['api SPINNING no-delta'])
    expect(await asked({ ...nothing, unknown: [] })).toEqual(['api SPINNING no-delta'])
    expect(await asked({ ...nothing, unknown: ['files'] })).toEqual(['api UNKNOWN delta-unknown'])
    // What was found is found, and an old beat is old, whatever could not be looked at.
    expect(await asked({ commits: 1, files: 0, unknown: ['files'] })).toEqual(['api ADVANCING delta'])
    bed.time.advance(19_001)
    expect(await asked({ ...nothing, unknown: ['files'] })).toEqual(['api STALLED beat-old'])
  })

  it('beats are narration: a holder that only beats spins', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const api = await scribe.hold('api', { runId: 'run-1' })
    for (let beat = 0; beat < 5; beat += 1) {
      bed.time.advance(1_000)
      await scribe.beat(api)
    }
    expect(await judged(bed)).toEqual(['api SPINNING no-delta'])
  })

  it("a run's further ACQUIREs, RELEASEs and SCAVENGEs are work, until they fall out of the window", async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const first = await scribe.hold('first', { runId: 'run-1' })
    bed.time.advance(2_000)
    expect(await judged(bed)).toEqual(['first SPINNING no-delta'])
    const second = await scribe.hold('second', { runId: 'run-1' })
    expect(await judged(bed)).toEqual(['first ADVANCING delta', 'second ADVANCING delta'])
    bed.time.advance(3_000)
    await scribe.release(second)
    expect((await ask(bed)).leases.map(({ evidence }) => evidence.workEventsSinceStart)).toEqual([2])
    bed.time.advance(10_000)
    expect((await ask(bed)).leases.map(({ evidence }) => evidence.workEventsSinceStart)).toEqual([1])
    bed.time.advance(1)
    expect(await judged(bed)).toEqual(['first SPINNING no-delta'])
    await scribe.tell({ type: 'scavenge', lane: 'first', token: first.token, force: true })
    expect(await judged(bed)).toEqual([])
  })

  it('a RELEASE is found to be work although neither it nor a beat in the window names its run', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const long = await scribe.hold('long', { runId: 'run-1' })
    await scribe.hold('other', { runId: 'run-1' })
    bed.time.advance(15_000)
    await scribe.release(long)
    expect(await judged(bed)).toEqual(['other ADVANCING delta'])
  })

  it('work of another run, or of a lease without one, counts for nobody', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('mine', { runId: 'run-1' })
    bed.time.advance(2_000)
    await scribe.release(await scribe.hold('theirs', { runId: 'run-2' }))
    await scribe.release(await scribe.hold('nobodys'))
    expect(await judged(bed)).toEqual(['mine SPINNING no-delta'])
  })

  it('commits and files come from the port, asked for the window only', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const api = await scribe.hold('api', { region: ['src/**'] })
    bed.time.advance(15_000)
    await scribe.beat(api)
    const asked: ProgressSpan[] = []
    const progress = (_: unknown, span: ProgressSpan): Promise<Progress> => {
      asked.push(span)
      return Promise.resolve({ commits: 0, files: 3 })
    }
    expect(await judged(bed, { progress })).toEqual(['api ADVANCING delta'])
    expect(asked).toEqual([{ sinceMs: bed.time.nowMs - 10_000, nowMs: bed.time.nowMs }])
  })

  it('tells what the probe says, and unknown without one', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const statuses = new Map<number, ProcessStatus>([
      [1, 'dead'],
      [2, 'alive'],
      [3, 'dead'],
    ])
    await scribe.hold('api', {
      process: processNamed(1),
      children: [processNamed(2), processNamed(3), processNamed(4)],
    })
    const probe = ({ pid }: ProcessIdentity): ProcessStatus => statuses.get(pid) ?? 'unknown'
    const [probed] = (await ask(bed, { probe })).leases
    expect(probed).toMatchObject({ process: 'dead', children: ['alive', 'dead', 'unknown'], basis: 'process-gone' })
    const [unprobed] = (await ask(bed)).leases
    expect(unprobed).toMatchObject({ process: 'unknown', basis: 'within-grace' })
    expect(unprobed?.evidence.processAlive).toBeNull()
  })

  it('shows how far a HALT got', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const api = await scribe.hold('api')
    await scribe.tell({ type: 'halt', handle: 'h', lane: 'api' })
    await scribe.tell({ type: 'halt', handle: 'nobody', lane: 'nowhere' })
    const statuses = async () => (await ask(bed)).halts.map(({ status }) => status)
    expect(await statuses()).toEqual(['pending', 'unmatched'])
    expect((await ask(bed)).leases[0]?.halt).toBe('pending')
    const [{ eventId: causation } = { eventId: undefined }] = (await ask(bed)).halts
    await scribe.tell({ type: 'heartbeat', ...ownerOf(api), causation })
    expect(await statuses()).toEqual(['enacted', 'unmatched'])
    bed.time.advance(settings.haltOverdueMs)
    expect(await statuses()).toEqual(['overdue', 'unmatched'])
    await scribe.tell({ type: 'release', ...ownerOf(api), causation })
    expect(await statuses()).toEqual(['confirmed', 'unmatched'])
  })

  it('tells a HALT of a lease that ended from one of a lease that was not there', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const api = await scribe.hold('api')
    await scribe.tell({ type: 'halt', handle: 'h', leaseId: api.leaseId })
    await scribe.tell({ type: 'halt', handle: 'mistyped', leaseId: 'api@99' })
    await scribe.tell({ type: 'release', ...ownerOf(api) })
    expect((await ask(bed)).halts.map(({ status }) => status)).toEqual(['ended', 'unmatched'])
  })

  it('a HALT whose lease changed hands without confirming it has ended', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    const api = await scribe.hold('api')
    await scribe.tell({ type: 'halt', handle: 'h', lane: 'api' })
    await scribe.release(api)
    expect((await ask(bed)).halts.map(({ status }) => status)).toEqual(['ended'])
  })

  it('shows what is starting until it holds its lease', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.tell({ type: 'spawn', lane: 'api', holder: 'ada', ttlMs: 5_000 })
    await scribe.tell({ type: 'spawn', lane: 'docs', holder: 'bob', ttlMs: 5_000 })
    await scribe.hold('api')
    expect((await ask(bed)).spawning).toMatchObject([{ lane: 'docs', holder: 'bob', untilMs: bed.time.nowMs + 5_000 }])
    bed.time.advance(5_000)
    expect((await ask(bed)).spawning).toEqual([])
  })
})

describe.each(BEDS)('liveness$ on $kind', ({ open }) => {
  it('tells each change of a verdict, by event or by time alone, and no ages', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('api', { runId: 'run-1' })
    const told: string[] = []
    const options = { timers: bed.time.timers, settings }
    const subscription = liveness$(bed.store, STREAM, options).subscribe(({ lane, verdict, basis, expired }) => {
      told.push(`${lane} ${verdict} ${basis}${expired ? ' expired' : ''}`)
    })
    await until(() => told.length === 1, 'the first verdict')
    await until(() => bed.time.nextInMs === 1_000, 'the end of the grace')
    bed.time.advance(1_000)
    await until(() => told.length === 2, 'the end of the grace')
    await scribe.hold('docs', { runId: 'run-1' })
    await until(() => told.length === 4, 'the work')
    await until(() => bed.time.nextInMs === 10_001, 'the end of the window')
    bed.time.advance(10_001)
    await until(() => told.length === 6, 'the end of the window')
    subscription.unsubscribe()
    expect(bed.time.pending).toBe(0)
    expect(told).toEqual([
      'api ADVANCING within-grace',
      'api SPINNING no-delta',
      'api ADVANCING delta',
      'docs ADVANCING delta',
      'api SPINNING no-delta',
      'docs SPINNING no-delta',
    ])
  })

  it('asks its ports again while nothing happens, and tells only what changed', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('api', { process: processNamed(1) })
    let status: ProcessStatus = 'alive'
    let probes = 0
    const told: LeaseLiveness[] = []
    const probe = (): ProcessStatus => {
      probes += 1
      return status
    }
    const options = { timers: bed.time.timers, settings, probe, refreshMs: 100 }
    const subscription = liveness$(bed.store, STREAM, options).subscribe(lease => told.push(lease))
    await until(() => probes === 1 && bed.time.pending === 1, 'the first probe')
    bed.time.advance(100)
    await until(() => probes === 2 && bed.time.pending === 1, 'the second probe')
    await settle(50)
    expect(told).toHaveLength(1)
    status = 'dead'
    bed.time.advance(100)
    await until(() => told.length === 2, 'the death')
    expect(told[1]).toMatchObject({ process: 'dead', verdict: 'STALLED', basis: 'process-gone' })
    subscription.unsubscribe()
  })

  it('ends with the error of a port', async () => {
    await using bed = await open()
    const scribe = await Scribe.found(bed.store)
    await scribe.hold('api')
    let failure: unknown
    const progress = () => Promise.reject(new Error('git is not there'))
    livenessView$(bed.store, STREAM, { timers: bed.time.timers, settings, progress }).subscribe({
      error: (error: unknown) => void (failure = error),
    })
    await until(() => failure !== undefined, 'the error')
    expect(failure).toMatchObject({ message: 'git is not there' })
    expect(bed.time.pending).toBe(0)
  })
})

describe('settings of liveness', () => {
  it('a grace beyond the window is refused', () => {
    const parsed = LivenessSettings.safeParse({ graceMs: 10, progressWindowMs: 5 })
    expect(parsed.error?.issues[0]?.message).toBe('graceMs must not exceed progressWindowMs')
  })
})

function ownerOf({ lane, holder, token }: { readonly lane: string; readonly holder: string; readonly token: number }) {
  return { lane, holder, token }
}
