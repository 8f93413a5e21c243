import {
  haltJson,
  HaltJson,
  HaltView,
  LeaseJson,
  leaseJson,
  LeaseView,
  queryLeases,
  queryStatus,
  SpawnJson,
  spawnJson,
  SpawnView,
  StatusJson,
  statusJson,
  StatusView,
  TicketJson,
  ticketJson,
  TicketView,
  ticketViews,
} from '@holdfast/projections'
import { haltViews, spawnViews } from '@holdfast/projections/internal'
import { evolve, initialState } from '@holdfast/core'
import { later } from '@holdfast/core/internal'
import * as fc from 'fast-check'
import { openMemoryStore } from '@holdfast/store/memory'
import { describe, expect, it } from 'vitest'
import { decided } from '../core/harness/histories.ts'
import { runs } from '../core/harness/properties.ts'
import { Scribe } from './scribe.ts'
import { VirtualTime } from '../setup/virtual-time.ts'

describe('views', () => {
  it('of any decided history are what their schemas say, as ms and as JSON', () => {
    fc.assert(
      fc.property(decided(), fc.nat(100), (log, spanMs) => {
        const state = log.reduce(evolve, initialState())
        const nowMs = later(state.clockMs, spanMs)
        for (const view of queryLeases({ state }, nowMs)) LeaseJson.parse(leaseJson(LeaseView.parse(view)))
        for (const view of ticketViews(state, nowMs)) TicketJson.parse(ticketJson(TicketView.parse(view)))
        for (const view of haltViews(state, nowMs)) HaltJson.parse(haltJson(HaltView.parse(view)))
        for (const view of spawnViews(state, nowMs)) SpawnJson.parse(spawnJson(SpawnView.parse(view)))
        StatusJson.parse(statusJson(StatusView.parse(queryStatus({ state }, nowMs))))
      }),
      runs(200),
    )
  })

  it('a lease has the fields of the command line, instants as text', async () => {
    const time = VirtualTime.ofTheCalendar()
    const scribe = await Scribe.found(openMemoryStore({ clock: time.wall }))
    await scribe.hold('api', { region: ['src/api/**'], runId: 'run-1', ttlMs: 60_000 })
    const [view] = queryLeases(scribe, scribe.state.clockMs)
    if (view === undefined) throw new Error('no lease is live')
    expect(leaseJson(view)).toMatchObject({
      lane: 'api',
      leaseId: 'api@1',
      holder: 'ada',
      token: 1,
      mode: 'exclusive',
      region: ['src/api/**'],
      acquiredAt: '2026-01-01T00:00:00.000Z',
      lastBeatAt: '2026-01-01T00:00:00.000Z',
      safeUntil: '2026-01-01T00:01:00.000Z',
      expiresAt: '2026-01-01T00:01:30.000Z',
      expired: false,
      process: null,
      runId: 'run-1',
    })
    expect(queryLeases(scribe, later(view.expiresAtMs, 0))[0]?.expired).toBe(true)
    expect(queryLeases(scribe, later(view.expiresAtMs, -1))[0]?.expired).toBe(false)
  })

  it('a lease that was taken by force shows what still drains', async () => {
    const time = VirtualTime.ofTheCalendar()
    const scribe = await Scribe.found(openMemoryStore({ clock: time.wall }))
    const { token, expiresAtMs } = await scribe.hold('api')
    await scribe.tell({ type: 'adopt', lane: 'api', newHolder: 'bob', expectToken: token, force: true })
    const [view] = queryLeases(scribe, scribe.state.clockMs)
    expect(view?.draining).toEqual([{ token, holder: 'ada', untilMs: expiresAtMs }])
    expect(queryLeases(scribe, expiresAtMs)[0]?.draining).toEqual([])
  })

  it('a waiting request is in the line, the first one first', async () => {
    const time = VirtualTime.ofTheCalendar()
    const scribe = await Scribe.found(openMemoryStore({ clock: time.wall }))
    await scribe.hold('api')
    for (const holder of ['bob', 'eve']) {
      const claims = [{ lane: 'api' }]
      await scribe.tell({ type: 'acquire', holder, claims, requestId: `of-${holder}`, wait: true })
    }
    const line = ticketViews(scribe.state, scribe.state.clockMs)
    expect(line.map(({ holder }) => holder)).toEqual(['bob', 'eve'])
    expect(queryStatus(scribe, scribe.state.clockMs)).toMatchObject({ live: 1, expired: 0, waiting: 2, closed: null })
  })

  it('a ledger that may not be written says why', async () => {
    const scribe = await Scribe.found(openMemoryStore({ clock: () => 0 }))
    await scribe.forge({ type: 'ACQUIRE', data: {} })
    await scribe.tell({ type: 'halt', handle: 'any' })
    const status = queryStatus(scribe, scribe.state.clockMs)
    expect(status).toMatchObject({ unrecognised: 1, unreadable: [1], closed: { code: 'ledger-newer' } })
  })
})
