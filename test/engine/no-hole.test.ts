import type { Ledger } from '@holdfast/engine'
import { verifyLedger } from '@holdfast/projections'
import type { LogStore } from '@holdfast/store'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { wrapped } from '../store/harness/wrapped-store.ts'
import { Fleet } from './harness/fleet.ts'
import { holding } from './harness/holding.ts'
import { settle } from '../setup/virtual-time.ts'

let fleet: Fleet
beforeEach(() => {
  fleet = new Fleet()
})
afterEach(async () => {
  await fleet.close()
})

/** Keeps whoever asks for the log clock waiting while it is shut: a slow moment between two steps of one command. */
class Gate {
  #open: Promise<void> = Promise.resolve()
  #release: () => void = () => undefined

  readonly wrap = (store: LogStore): LogStore =>
    wrapped(store, {
      now: async (stream: string) => {
        await this.#open
        return store.now(stream)
      },
    })

  shut(): void {
    this.#open = new Promise(resolve => {
      this.#release = resolve
    })
  }

  open(): void {
    this.#release()
  }
}

/** Two ledger objects: `a` hears the log from its first wait on, which is over, and `b` holds the lane x. */
async function heard(wrap: (store: LogStore) => LogStore) {
  const [a, b] = [await fleet.process(wrap), await fleet.process()]
  const x = await b.acquire({ lane: 'x', holder: 'B' })
  if (x.outcome !== 'granted') throw new Error(x.outcome)
  const first = a.acquire({ lane: 'x', holder: 'A' }, { wait: '1s' })
  await fleet.time.to(1_500)
  expect(await first).toMatchObject({ outcome: 'refused' })
  return { a, b, x: { lane: 'x', holder: 'B', token: x.lease.token } }
}

async function faults(ledger: Ledger) {
  const { checks } = await verifyLedger(ledger.store, ledger.stream)
  return checks.filter(({ ok, severity }) => !ok && severity === 'fault').map(({ detail }) => detail)
}

it('what is written while nobody waits is not passed over by the next wait: no lane is granted twice', async () => {
  const gate = new Gate()
  const { a, b, x } = await heard(gate.wrap)
  await holding(b, { lane: 'y', holder: 'B' })
  await settle()
  gate.shut()
  const second = a.acquire({ lane: 'y', holder: 'A' }, { wait: '1s' })
  await b.release(x)
  await settle()
  gate.open()
  await fleet.time.to(3_000)
  expect(await second).toMatchObject({ outcome: 'refused', code: 'lane-held' })
  expect(await faults(a)).toEqual([])
})

it('a CHECKPOINT counts a beat that was written while nobody waited', async () => {
  const gate = new Gate()
  const { a, b, x } = await heard(gate.wrap)
  await b.heartbeat(x)
  await settle()
  gate.shut()
  const second = a.acquire({ lane: 'x', holder: 'A' }, { wait: '1s' })
  // It leaves the lease as the missing one and it together do: nothing but the counts tells of it.
  await b.heartbeat(x)
  await settle()
  const checkpointed = a.checkpoint()
  gate.open()
  await checkpointed
  await fleet.time.to(3_000)
  await second
  expect(await faults(a)).toEqual([])
})

it('a listener that only looks, and one that throws, hide nothing from the ledger object', async () => {
  const { a, b, x } = await heard(store => store)
  const seen: string[] = []
  a.listen(() => {
    throw new Error('a fault of the one who listens')
  })
  a.listen(entries => void seen.push(...entries.map(({ type }) => type)))
  const held = await holding(a, { lane: 'z', holder: 'A' })
  await holding(b, { lane: 'y', holder: 'B' })
  await settle()
  await b.release(x)
  await b.scavenge({ lane: 'z', token: held.token, disposition: 'failed', force: true, reason: 'test' })
  await settle()
  expect(seen).toEqual(['ACQUIRE', 'ACQUIRE', 'RELEASE', 'SCAVENGE'])
  expect(held.isHeld).toBe(false)
  expect(await a.acquire({ lane: 'y', holder: 'A' })).toMatchObject({ outcome: 'refused', code: 'lane-held' })
})

it('where a subscription skips what it should give, the next decision reads it', async () => {
  const skipping = (store: LogStore): LogStore =>
    wrapped(store, {
      async *subscribe(...asked) {
        for await (const item of store.subscribe(...asked)) {
          const entries = item.kind === 'entries' ? item.entries.filter(({ type }) => type !== 'ACQUIRE') : []
          yield item.kind === 'entries' ? { ...item, entries } : item
        }
      },
    })
  const { a, b, x } = await heard(skipping)
  await holding(b, { lane: 'y', holder: 'B' })
  await b.release(x)
  await settle()
  expect(await a.acquire({ lane: 'y', holder: 'A' })).toMatchObject({ outcome: 'refused', code: 'lane-held' })
  expect(await faults(a)).toEqual([])
})
