import { Lane, LeaseId, type EpochMs, type LogEntry } from '@holdfast/core'
import {
  historyProjection,
  lineageProjection,
  project,
  runsProjection,
  type Lineage,
  type Run,
} from '@holdfast/projections'
import { openMemoryStore } from '@holdfast/store/memory'
import { describe, expect, it } from 'vitest'
import { Scribe, STREAM } from './scribe.ts'
import { VirtualTime } from '../setup/virtual-time.ts'

const NOW = 0 as EpochMs

async function allEntries(store: ReturnType<typeof openMemoryStore>): Promise<LogEntry[]> {
  const entries: LogEntry[] = []
  for await (const batch of store.read(STREAM)) entries.push(...batch)
  return entries
}

/** One lease through everything that can happen to a lease. */
async function eventful() {
  const time = VirtualTime.ofTheCalendar()
  const store = openMemoryStore({ clock: time.wall })
  const scribe = await Scribe.found(store)
  const api = await scribe.hold('api', { runId: 'run-1' })
  await scribe.tell({ type: 'acquire', holder: 'eve', claims: [{ lane: 'api' }] })
  await scribe.tell({ type: 'acquire', holder: 'eve', claims: [{ lane: 'docs' }] })
  await scribe.tell({
    type: 'heartbeat',
    lane: 'api',
    holder: 'ada',
    token: api.token,
    exit: { code: 3, signal: null },
  })
  await scribe.tell({
    type: 'adopt',
    lane: 'api',
    newHolder: 'bob',
    expectToken: api.token,
    force: true,
    reason: 'took it',
  })
  const token = scribe.state.leases.get(api.leaseId)?.token ?? api.token
  await scribe.forge({ type: 'HEARTBEAT', data: { lane: 'api', leaseId: api.leaseId, token: api.token, reason: '' } })
  time.advance(10)
  await scribe.tell({ type: 'scavenge', lane: 'api', token, force: true, disposition: 'retry', reason: 'enough' })
  await scribe.tell({ type: 'halt', handle: 'x', lane: 'docs' })
  await scribe.forge({ type: 'ACQUIRE', data: { lane: 'api', leaseId: 7 } })
  return { entries: await allEntries(store), api, token, time }
}

describe('history', () => {
  it('of a lane: its own events, refusals that asked for it, and what cannot be read but names it', async () => {
    const { entries } = await eventful()
    const ofLane = historyProjection({ lane: Lane.parse('api') })
    const types = ofLane.view(project(ofLane, entries), NOW).map(({ type }) => type)
    expect(types).toEqual(['ACQUIRE', 'REFUSE', 'HEARTBEAT', 'ADOPT', 'HEARTBEAT', 'SCAVENGE', 'UNRECOGNISED'])
  })

  it('of a lease: its own events, and refusals that it stood in the way of', async () => {
    const { entries, api } = await eventful()
    const ofLease = historyProjection({ leaseId: api.leaseId })
    const types = ofLease.view(project(ofLease, entries), NOW).map(({ type }) => type)
    expect(types).toEqual(['ACQUIRE', 'REFUSE', 'HEARTBEAT', 'ADOPT', 'HEARTBEAT', 'SCAVENGE'])
    const ofNone = historyProjection({ leaseId: LeaseId.parse('api@99') })
    expect(ofNone.view(project(ofNone, entries), NOW)).toEqual([])
  })
})

describe('lineage', () => {
  it('names each owner with what made it one, and how it ended', async () => {
    const { entries, api, token, time } = await eventful()
    const [lineage] = lineageProjection.view(project(lineageProjection, entries), NOW)
    expect(lineage).toMatchObject({
      leaseId: api.leaseId,
      owners: [
        { token: api.token, holder: 'ada', adopted: null },
        { token, holder: 'bob', adopted: { ground: 'forced', forced: true }, reason: 'took it' },
      ],
      end: { how: 'evicted', cause: 'manual', disposition: 'retry', forced: true, atMs: time.nowMs, reason: 'enough' },
    } satisfies Partial<Record<keyof Lineage, unknown>>)
  })

  it('a released lease ended by its release; a live one has no end', async () => {
    const store = openMemoryStore({ clock: () => 1000 })
    const scribe = await Scribe.found(store)
    await scribe.release(await scribe.hold('api'))
    await scribe.hold('api', { holder: 'bob' })
    const lineages = lineageProjection.view(project(lineageProjection, await allEntries(store)), NOW)
    expect(lineages.map(({ leaseId, end }) => [leaseId, end?.how ?? null])).toEqual([
      ['api@1', 'released'],
      ['api@3', null],
    ])
  })

  it('an import may grant an identity again, and knows no tokens', async () => {
    const store = openMemoryStore({ clock: () => 1000 })
    const scribe = await Scribe.found(store)
    const origin = { format: 'dos-journal' }
    const subject = { lane: 'api', leaseId: 't1/api', token: null }
    const grant = {
      type: 'ACQUIRE',
      origin,
      data: {
        ...subject,
        holder: 'ada',
        mode: 'exclusive',
        region: [],
        ttlMs: 1,
        graceMs: 0,
        process: null,
        attempt: 1,
        maxAttempts: 1,
        reap: 'optional',
      },
    }
    await scribe.forge(grant, { type: 'RELEASE', data: subject }, grant, { type: 'RELEASE', data: subject, origin })
    const [lineage] = lineageProjection.view(project(lineageProjection, await allEntries(store)), NOW)
    expect(lineage?.owners.map(({ token }) => token)).toEqual([1, 3])
    expect(lineage?.end?.revision).toBe(4)
  })
})

describe('runs', () => {
  it('tells what became of each run', async () => {
    const { entries } = await eventful()
    expect(runsProjection.view(project(runsProjection, entries), NOW)).toMatchObject([
      {
        runId: 'run-1',
        leases: ['api@1'],
        liveLeases: 0,
        beats: 1,
        work: 1,
        exit: { code: 3, signal: null },
        disposition: 'retry',
      } satisfies Partial<Record<keyof Run, unknown>>,
    ])
  })

  it('a further lease is work, and a run ends with its last live lease', async () => {
    const store = openMemoryStore({ clock: () => 1000 })
    const scribe = await Scribe.found(store)
    const first = await scribe.hold('first', { runId: 'run-1' })
    const second = await scribe.hold('second', { runId: 'run-1' })
    await scribe.release(first)
    const [halfway] = runsProjection.view(project(runsProjection, await allEntries(store)), NOW)
    expect(halfway).toMatchObject({ liveLeases: 1, endedAtMs: null, work: 2 })
    await scribe.release(second)
    const [ended] = runsProjection.view(project(runsProjection, await allEntries(store)), NOW)
    expect(ended).toMatchObject({ liveLeases: 0, endedAtMs: 1000, work: 3 })
  })
})
