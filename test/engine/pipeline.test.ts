import { InputError, openLedgerOn } from '@holdfast/engine'
import { openMemoryStore } from '@holdfast/store/memory'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { noFaults, withFaults } from './harness/faulty-store.ts'
import { Fleet } from './harness/fleet.ts'

let fleet: Fleet
beforeEach(() => {
  fleet = new Fleet()
})
afterEach(async () => {
  await fleet.close()
})

it('commands that come together are written together', async () => {
  const faults = noFaults()
  const ledger = await fleet.process(withFaults(faults))
  const before = faults.commits
  const asked = Array.from({ length: 200 }, (_, index) => ledger.acquire({ lane: `l${index}`, holder: 'A' }))
  const outcomes = await Promise.all(asked)
  expect(outcomes.every(({ outcome }) => outcome === 'granted')).toBe(true)
  expect(faults.commits - before).toBeLessThanOrEqual(2)
})

it('each command of a group is decided on those before it', async () => {
  const ledger = await fleet.process()
  const [first, second] = await Promise.all([
    ledger.acquire({ lane: 'x', holder: 'A' }),
    ledger.acquire({ lane: 'x', holder: 'B' }),
  ])
  expect(first.outcome).toBe('granted')
  expect(second).toMatchObject({ outcome: 'refused', code: 'lane-held' })
})

it('what others wrote in between is decided upon', async () => {
  const [a, b] = [await fleet.process(), await fleet.process()]
  const rounds = Array.from({ length: 20 }, async (_, round) => {
    const both = await Promise.all([
      a.acquire({ lane: `l${round}`, holder: 'A' }),
      b.acquire({ lane: `l${round}`, holder: 'B' }),
    ])
    return both.filter(({ outcome }) => outcome === 'granted').length
  })
  expect(await Promise.all(rounds)).toEqual(Array.from({ length: 20 }, () => 1))
})

it('a full queue is an outcome, not an error', async () => {
  const ledger = await openLedgerOn(openMemoryStore(), { queueMax: 3 })
  const asked = Array.from({ length: 5 }, (_, index) => ledger.acquire({ lane: `l${index}`, holder: 'A' }))
  const outcomes = (await Promise.all(asked)).map(({ outcome }) => outcome)
  expect(outcomes.filter(outcome => outcome === 'granted')).toHaveLength(3)
  expect(outcomes.filter(outcome => outcome === 'queue-full')).toHaveLength(2)
  await ledger.close()
})

it('a store that fails rejects what was waiting, and the ledger works again when it is back', async () => {
  const faults = noFaults()
  const ledger = await fleet.process(withFaults(faults))
  faults.unreachable = true
  await expect(ledger.acquire({ lane: 'x', holder: 'A' })).rejects.toMatchObject({ code: 'unavailable' })
  faults.unreachable = false
  expect((await ledger.acquire({ lane: 'x', holder: 'A' })).outcome).toBe('granted')
})

it('a lost answer is no second grant', async () => {
  const faults = noFaults()
  const ledger = await fleet.process(withFaults(faults))
  faults.loseAnswers = true
  await expect(ledger.acquire({ lane: 'x', holder: 'A', requestId: 'r' })).rejects.toMatchObject({
    code: 'timeout-unknown-outcome',
  })
  faults.loseAnswers = false
  expect(await ledger.acquire({ lane: 'x', holder: 'A', requestId: 'r' })).toMatchObject({
    outcome: 'granted',
    repeated: true,
  })
})

it('more evictions than fit one append go first, in batches, and the request is granted', async () => {
  const ledger = await fleet.process()
  const asked = Array.from({ length: 1200 }, (_, index) =>
    ledger.acquire({ lane: `l${index}`, holder: 'A', region: [`pkg/${index}/**`] }),
  )
  await Promise.all(asked)
  await fleet.time.to(20_000)
  const all = await ledger.acquire({ lane: 'all', holder: 'B', region: ['**'] })
  expect(all.outcome).toBe('granted')
  expect(await ledger.leases()).toHaveLength(1)
})

it('a request that cannot be understood names every field at fault and reaches no log', async () => {
  const ledger = await fleet.process()
  const { head } = ledger
  const bad = ledger.acquire({ lane: '', holder: 'A\n', region: ['../x'], ttl: 5000 })
  const error: unknown = await bad.catch((reason: unknown) => reason)
  const paths = error instanceof InputError ? error.faults.map(({ path }) => path) : []
  expect(paths).toEqual(expect.arrayContaining(['lane', 'holder']))
  await expect(ledger.acquire({ lane: 'x', holder: 'A', region: ['../x'] })).rejects.toThrow(/region/)
  await expect(ledger.acquire({ lane: 'x', holder: 'A', ttl: '-5s' })).rejects.toThrow(/ttl/)
  expect(ledger.head).toBe(head)
})

it('a closed ledger refuses commands', async () => {
  const ledger = await openLedgerOn(openMemoryStore())
  await ledger.close()
  await expect(ledger.acquire({ lane: 'x', holder: 'A' })).rejects.toMatchObject({ code: 'unavailable' })
})
