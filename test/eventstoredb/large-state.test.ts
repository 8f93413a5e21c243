import { openLedgerOn } from '@holdfast/engine'
import { compactLedger } from '@holdfast/engine/maintenance'
import { verifyLedger } from '@holdfast/projections'
import { openEventStoreDbStore } from '@holdfast/store/eventstoredb'
import type { LogStore } from '@holdfast/store'
import { expect, it } from 'vitest'
import { VirtualTime } from '../setup/virtual-time.ts'
import { granted } from '../maintenance/bed.ts'
import { beginLarge, unsealedOf, withSideAppends } from '../maintenance/large-state.ts'
import { SHORT } from './fixture-factory.ts'
import { EsdbFixture } from './fixture/esdb-fixture.ts'

const REQUESTS = 12_000
const CHAINS = 6

it('a CHECKPOINT of 12,000 requests is written beside a rival with six chains, and nobody waits for its parts', async () => {
  await using fixture = await EsdbFixture.start()
  const open = () => openEventStoreDbStore({ url: fixture.url(), ...SHORT, callDeadlineMs: 5_000 })
  const ledgerOn = async (store: LogStore) =>
    openLedgerOn(store, { actor: null, timers: new VirtualTime().timers, compaction: { automatic: false } })
  const store = await open()
  await beginLarge(store, REQUESTS, 40)
  /** What the process itself was answered while the state was being written. */
  const answered: string[] = []
  let parts = 0
  const beating = withSideAppends(store, async () => {
    parts += 1
    const beaten = await ledger.heartbeat({ lane: 'mine', token: lease.token, holder: 'A' })
    answered.push(beaten.outcome)
  })
  await using ledger = await ledgerOn(beating)
  const lease = await granted(ledger, { lane: 'mine', holder: 'A' })
  await using rival = await ledgerOn(await open())
  const over = new AbortController()
  let rivals = 0
  const chains = Array.from({ length: CHAINS }, async (_, chain) => {
    for (let index = 0; !over.signal.aborted; index += 1) {
      const { lane, token } = await granted(rival, { lane: `${chain}-${index}`, holder: 'B' })
      await rival.release({ lane, token, holder: 'B' })
      rivals += 1
    }
  })
  const before = rivals
  expect(await ledger.checkpoint()).toMatchObject({ outcome: 'checkpointed' })
  const during = rivals - before
  over.abort()
  await Promise.all(chains)
  expect(parts).toBeGreaterThan(3)
  expect(answered).toEqual(answered.map(() => 'beaten'))
  expect(answered).toHaveLength(parts)
  expect(during).toBeGreaterThan(0)
  // The state of genesis, and this one: no attempt on the head has written anything.
  expect(fixture.log.names.filter(name => name.includes('~state-'))).toHaveLength(2)
  expect(await unsealedOf(store)).toEqual([])
  // At the CHECKPOINT that it writes; the beats of the meantime follow it.
  const written = parts
  expect((await compactLedger(ledger)).eventsAfter).toBeLessThanOrEqual(parts - written + 1)
  expect((await verifyLedger(store, 'default')).checks.filter(({ ok }) => !ok)).toEqual([])
}, 60_000)
