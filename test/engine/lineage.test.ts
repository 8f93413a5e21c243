import { compactLedger } from '@holdfast/engine/maintenance'
import { lineageProjection, queryPast } from '@holdfast/projections'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import { holding } from './harness/holding.ts'
import { rig, tick } from './harness/reaper-rig.ts'
import { settle } from '../setup/virtual-time.ts'

const S = 1000

let fleet: Fleet
beforeEach(() => {
  fleet = new Fleet()
})
afterEach(async () => {
  await fleet.close()
})

it('who held a lease before, and why it changed hands, can be asked, also of what was compacted', async () => {
  const [a, b] = [await fleet.process(), await fleet.process()]
  const { reaper } = await rig(fleet, 'R')
  const first = await holding(a, { lane: 'x', holder: 'A', reason: 'to build' })
  await b.adopt({ lane: 'x', newHolder: 'B', expectToken: first.token, force: true, reason: 'A hangs' })
  await settle()
  await compactLedger(await fleet.operator())
  await fleet.time.to(30 * S)
  await tick(fleet, reaper)
  const [lineage, ...others] = await queryPast(b.store, b.stream, lineageProjection)
  expect(others).toEqual([])
  expect(lineage).toMatchObject({
    leaseId: first.leaseId,
    owners: [
      { holder: 'A', adopted: null, reason: 'to build' },
      { holder: 'B', adopted: { ground: 'forced', forced: true }, claim: null, reason: 'A hangs' },
      { holder: 'R', adopted: { ground: 'expired', forced: false }, claim: { cause: 'expired' } },
    ],
    end: { how: 'evicted', cause: 'expired', disposition: 'failed', forced: false },
  })
})

it('an adopter keeps what the lease is: lane, region, run, attempt, and the children, which run on', async () => {
  const [a, b] = [await fleet.process(), await fleet.process()]
  const child = fleet.newProcess()
  const request = { lane: 'x', holder: 'A', region: ['src/**'], runId: 'job', maxAttempts: 3, children: [child] }
  const first = await holding(a, request)
  const adopted = await b.adopt({ lane: 'x', newHolder: 'B', expectToken: first.token, force: true })
  const { lane, region, runId, attempt, maxAttempts, ttlMs, graceMs } = first.lease
  expect(adopted).toMatchObject({
    outcome: 'adopted',
    lease: { holder: 'B', lane, region, runId, attempt, maxAttempts, ttlMs, graceMs, children: [child] },
  })
  expect(fleet.probe(child)).toBe('alive')
})
