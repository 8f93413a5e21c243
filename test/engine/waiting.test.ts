import { afterEach, beforeEach, expect, it } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import { holding } from './harness/holding.ts'
import { settle } from '../setup/virtual-time.ts'

const S = 1000

let fleet: Fleet
beforeEach(() => {
  fleet = new Fleet()
})
afterEach(async () => {
  await fleet.close()
})

it('a waiter gets its turn as soon as the lane is released', async () => {
  const [a, b] = [await fleet.process(), await fleet.process()]
  const lease = await holding(a, { lane: 'x', holder: 'A' })
  const waited = b.acquire({ lane: 'x', holder: 'B' }, { wait: '60s' })
  await settle()
  await lease.release()
  await settle()
  expect((await waited).outcome).toBe('granted')
  expect(fleet.time.nowMs).toBe(0)
})

it('on a silent ledger a waiter wakes at the expiry of what blocks it', async () => {
  const [a, b] = [await fleet.process(), await fleet.process()]
  await a.acquire({ lane: 'x', holder: 'A' })
  const waited = b.acquire({ lane: 'x', holder: 'B' }, { wait: '60s' })
  await fleet.time.to(11_900)
  const state = await a.refresh()
  expect(state.leases.get('x@1' as never)?.holder).toBe('A')
  await fleet.time.to(12_100)
  expect((await waited).outcome).toBe('granted')
})

it('waiters are served in the order of their places', async () => {
  const [a, b] = [await fleet.process(), await fleet.process()]
  const lease = await holding(a, { lane: 'x', holder: 'A' })
  const order: string[] = []
  const waiting = ['B', 'C', 'D'].map(async holder => {
    const asked = await b.hold({ lane: 'x', holder, wait: '60s' })
    if (asked.outcome !== 'granted') throw new Error(asked.outcome)
    order.push(holder)
    await asked.lease.release()
  })
  await settle()
  await lease.release()
  await settle()
  await Promise.all(waiting)
  expect(order).toEqual(['B', 'C', 'D'])
})

it('a cancelled waiter gives up its place, and the next one moves up', async () => {
  const [a, b] = [await fleet.process(), await fleet.process()]
  const lease = await holding(a, { lane: 'x', holder: 'A' })
  const cancel = new AbortController()
  const first = b.acquire({ lane: 'x', holder: 'B' }, { wait: '60s', signal: cancel.signal })
  await settle()
  const second = b.acquire({ lane: 'x', holder: 'C' }, { wait: '60s' })
  await settle()
  cancel.abort()
  await settle()
  expect(await first).toMatchObject({ outcome: 'refused', code: 'lane-held' })
  await lease.release()
  await settle()
  expect((await second).outcome).toBe('granted')
})

it('a wait that is over answers with the refusal and leaves no place behind', async () => {
  const [a, b] = [await fleet.process(), await fleet.process()]
  await holding(a, { lane: 'x', holder: 'A' })
  const waited = b.acquire({ lane: 'x', holder: 'B' }, { wait: '4s' })
  await fleet.time.to(5 * S)
  expect(await waited).toMatchObject({ outcome: 'refused', code: 'lane-held' })
  expect(await waited).not.toHaveProperty('ticket')
  expect([...(await a.refresh()).tickets.live(fleet.time.wall())]).toEqual([])
})

it('a request that only its own holder blocks is refused at once', async () => {
  const a = await fleet.process()
  await holding(a, { lane: 'x', holder: 'A', region: ['src/api/**'] })
  const asked = await a.acquire({ lane: 'y', holder: 'A', region: ['**'] }, { wait: '60s' })
  expect(asked).toMatchObject({ outcome: 'refused', code: 'held-by-self' })
})

it('a request for any of several lanes waits without a place and takes the first that is free', async () => {
  const [a, b] = [await fleet.process(), await fleet.process()]
  const x = await holding(a, { lane: 'x', holder: 'A' })
  await holding(a, { lane: 'y', holder: 'A' })
  const waited = b.acquire({ lane: 'y', anyOf: ['x'], holder: 'B' }, { wait: '60s' })
  await settle()
  await x.release()
  await settle()
  expect(await waited).toMatchObject({ outcome: 'granted', lease: { lane: 'x' } })
})
