import { spinningJudge, type ProgressProbe, type ProgressReading, type ReaperOptions } from '@holdfast/engine'
import { LivenessSettings } from '@holdfast/projections'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fleet, SCHEDULE_TIMES } from './harness/fleet.ts'
import { holding } from './harness/holding.ts'
import { rig, tick } from './harness/reaper-rig.ts'

// A run is proposed for a HALT when it is old enough, beats, and nothing of what it should leave behind is there: no event
// of its own, no commit, no file, and everybody who was asked could tell. All else is left alone.

const S = 1000
const SETTINGS = LivenessSettings.parse({ graceMs: 10 * S, spinMs: 8 * S, progressWindowMs: 20 * S })
const OLD_MS = 30 * S
const YOUNG_MS = 5 * S

let fleet: Fleet
beforeEach(() => {
  fleet = new Fleet(SCHEDULE_TIMES)
})
afterEach(async () => {
  await fleet.close()
})

/** What a probe says: a count, `?` when it cannot tell, `-` when there is no such probe. */
type Says = number | '?' | '-'

function reading(says: Exclude<Says, '-'>): ProgressReading {
  return says === '?'
    ? { outcome: 'unknown', reason: 'no-git', detail: 'there is no git' }
    : { outcome: 'counted', count: says }
}

function probeOf(kind: 'files' | 'commits', says: () => Says): readonly ProgressProbe[] {
  const now = says()
  if (now === '-') return []
  const read = (): Promise<ProgressReading> => {
    const said = says()
    return Promise.resolve(reading(said === '-' ? '?' : said))
  }
  return [{ name: kind, kind, read }]
}

function judging({ files, commits }: { files: () => Says; commits: () => Says }): Partial<ReaperOptions> {
  const probes = [...probeOf('files', files), ...probeOf('commits', commits)]
  return { spinning: spinningJudge({ settings: SETTINGS, probes, probe: fleet.probe, wallMs: fleet.time.wall }) }
}

const SAYS = [0, 2, '?', '-'] as const
const rows = SAYS.flatMap(files =>
  SAYS.flatMap(commits =>
    [0, 1].flatMap(events =>
      [YOUNG_MS, OLD_MS].flatMap(ageMs =>
        [true, false].map(beats => {
          const said = [files, commits].filter(says => says !== '-')
          const nothing = said.length > 0 && said.every(says => says === 0) && events === 0
          const expected = nothing && ageMs === OLD_MS && beats ? 'halt-proposed' : 'left'
          return { files, commits, events, ageMs, beats, expected }
        }),
      ),
    ),
  ),
)

describe('a run with', () => {
  it.each(rows)(
    '$files files, $commits commits and $events events at $ageMs ms, beating: $beats: $expected',
    async ({ files, commits, events, ageMs, beats, expected }) => {
      const { ledger, reaper } = await rig(fleet, 'R', judging({ files: () => files, commits: () => commits }))
      const request = { lane: 'x', holder: 'A', runId: 'job', region: ['src/**'] }
      if (beats) await holding(ledger, request)
      else await ledger.acquire({ ...request, ttl: '60s' })
      await fleet.time.to(ageMs - S)
      if (events > 0) {
        const other = await holding(ledger, { lane: 'y', holder: 'A', runId: 'job' })
        await other.release()
      }
      await fleet.time.to(ageMs)
      await ledger.refresh()
      const { head } = ledger
      const [action] = await tick(fleet, reaper, 1)
      expect(action?.result).toBe(expected)
      expect(ledger.head).toBe(head)
    },
  )
})

const NOTHING = { files: () => 0, commits: () => 0 } as const

async function spinning(options: Partial<ReaperOptions>, region: readonly string[] = ['src/**']) {
  const made = await rig(fleet, 'R', options)
  const lease = await holding(made.ledger, { lane: 'x', holder: 'A', runId: 'job', region })
  await fleet.time.to(OLD_MS)
  return { ...made, lease }
}

it('the evidence shows what was looked for, since when, and what could not be told', async () => {
  const { reaper } = await spinning(judging({ files: () => 0, commits: () => '?' }))
  const [action] = await tick(fleet, reaper, 1)
  expect(action).toMatchObject({ result: 'left', plan: { verdict: 'leave' } })
  expect(action?.plan.evidence).toMatchObject({
    spinning: false,
    progress: {
      verdict: 'SPINNING',
      basis: 'no-delta',
      sinceMs: fleet.time.wall() - 20 * S - 1,
      events: 0,
      files: 0,
      commits: null,
      unknown: ['commits: there is no git'],
    },
  })
})

it('a proposal is told once, and again only after the run has moved in between', async () => {
  let files = 0
  const { ledger, reaper, lease } = await spinning(judging({ files: () => files, commits: () => '-' }))
  const results: unknown[] = []
  const look = async (): Promise<void> => {
    const [action] = await tick(fleet, reaper, 1)
    results.push([action?.result, action?.detail])
    await fleet.time.to(fleet.time.nowMs + S)
  }
  await look()
  await look()
  files = 3
  await look()
  files = 0
  await look()
  const proposed = 'it beats without progress: ask it to stop'
  expect(results).toEqual([
    ['halt-proposed', proposed],
    ['left', 'a HALT is proposed already'],
    ['left', 'there is no evidence that it has ended'],
    ['halt-proposed', proposed],
  ])
  expect(reaper.status().totals).toMatchObject({ haltsProposed: 2, reaped: 0 })
  expect(lease.haltRequested.aborted).toBe(false)
  expect((await ledger.refresh()).counts.HALT ?? 0).toBe(0)
})

it('where that is asked for the HALT is recorded, with what it rests on, and nobody but the holder obeys it', async () => {
  const { reaper, lease } = await spinning({ ...judging(NOTHING), haltSpinning: true })
  const [action] = await tick(fleet, reaper, 1)
  expect(action?.result).toBe('halt-recorded')
  const since = new Date(fleet.time.wall() - 20 * S - 1).toISOString()
  expect(lease.haltRequested.reason).toMatchObject({
    handle: `reaper:${lease.leaseId}`,
    reason: `it beats without progress: ask it to stop (no commits, no files changed under its region, no events of its run since ${since})`,
  })
  expect(lease.isHeld).toBe(true)
  const [again] = await tick(fleet, reaper, 1)
  expect(again).toMatchObject({ result: 'left', detail: 'a HALT is on its way already' })
})

it('files say nothing of a lease without a region', async () => {
  const blind = await spinning(judging({ files: () => 0, commits: () => '-' }), [])
  expect((await tick(fleet, blind.reaper, 1))[0]).toMatchObject({
    result: 'left',
    plan: { evidence: { spinning: false, progress: { files: null } } },
  })
})

it('a holder whose process is gone does not spin', async () => {
  const { reaper, lease } = await spinning(judging(NOTHING))
  fleet.die(lease.lease.process)
  const [action] = await tick(fleet, reaper, 1)
  expect(action?.plan.evidence).toMatchObject({ spinning: false, progress: { basis: 'process-gone' } })
})

it('a tree is not walked again at each tick, but soon enough', async () => {
  let walks = 0
  const files = (): Says => {
    walks += 1
    return 0
  }
  const { reaper } = await spinning(judging({ files, commits: () => '-' }))
  walks = 0
  for (let at = 0; at < 20; at += 1) {
    await tick(fleet, reaper, 1)
    await fleet.time.to(OLD_MS + (at + 1) * 100)
  }
  // Two seconds, and a reading lasts for a thirtieth of the window.
  expect(walks).toBe(3)
})
