import { Configuration } from '@holdfast/core'
import { InputError, openLedgerOn, type Ledger } from '@holdfast/engine'
import { leaseJson, queryLeases, verifyLedger } from '@holdfast/projections'
import { MemoryLog, openMemoryStore } from '@holdfast/store/memory'
import { afterEach, describe, expect, it } from 'vitest'

const MAIN = { id: 'main', path: '/repo' }
const LINKED = { id: 'worktrees/wt', path: '/wt' }

const open: Ledger[] = []
afterEach(async () => {
  for (const ledger of open.splice(0)) await ledger.close()
})

/** Ledger objects on one log, as programs in the two trees and one outside of any repository would open it. */
async function inTrees(workTrees: 'together' | 'apart') {
  const log = new MemoryLog(() => 1_000)
  const config = Configuration.parse({ workTrees })
  const openIn = async (workTree: typeof MAIN | null | undefined) => {
    const ledger = await openLedgerOn(openMemoryStore({ log }), { config, workTree })
    open.push(ledger)
    return ledger
  }
  return { main: await openIn(MAIN), linked: await openIn(LINKED), outside: await openIn(undefined) }
}

const SRC = { region: ['src/**'], holder: 'A' }

describe('a ledger object', () => {
  it('asks in the work tree that it was opened with, unless a request names another one', async () => {
    const { main, outside } = await inTrees('together')
    expect(main.workTree).toEqual(MAIN)
    expect(outside.workTree).toBeNull()
    expect(await main.acquire({ ...SRC, lane: 'x' })).toMatchObject({ lease: { workTree: MAIN } })
    expect(await main.acquire({ holder: 'A', lane: 'y', workTree: LINKED })).toMatchObject({
      lease: { workTree: LINKED },
    })
    expect(await main.acquire({ holder: 'A', lane: 'z', workTree: null })).toMatchObject({ lease: { workTree: null } })
    expect(await outside.acquire({ holder: 'A', lane: 'w' })).toMatchObject({ lease: { workTree: null } })
    const trees = queryLeases(main, await main.now()).map(view => leaseJson(view).workTree)
    expect(trees).toEqual([MAIN, LINKED, null])
  })

  it('refuses a tree that is none as it refuses other input', async () => {
    const { main } = await inTrees('together')
    for (const workTree of ['main', { id: '', path: '' }, { id: 'main' }, 7]) {
      await expect(main.acquire({ holder: 'A', lane: 'x', workTree: workTree as never })).rejects.toThrow(InputError)
    }
  })

  it('holds beside another tree where trees are apart, and says what it will meet', async () => {
    const { main, linked, outside } = await inTrees('apart')
    const first = await main.hold({ ...SRC, lane: 'x' })
    expect(first).toMatchObject({ outcome: 'granted', mergeRisks: [], moreMergeRisks: 0 })
    const second = await linked.hold({ ...SRC, lane: 'y', holder: 'B' })
    const risk = { leaseId: 'x@1', holder: 'A', workTree: MAIN, witness: expect.any(String) as string }
    expect(second).toMatchObject({ outcome: 'granted', mergeRisks: [risk] })
    if (second.outcome !== 'granted') throw new Error('granted')
    expect(await second.lease.guard(token => token)).toBe(second.lease.token)
    expect(await outside.hold({ ...SRC, lane: 'z', holder: 'C' })).toMatchObject({
      outcome: 'refused',
      code: 'region-held',
    })
    // An adopter in another tree gets the lease as it is: it protects the tree that it was granted in.
    const taken = await linked.adopt({ lane: 'x', newHolder: 'D', expectToken: 1, force: true })
    expect(taken).toMatchObject({ outcome: 'adopted', lease: { workTree: MAIN } })
    expect(await main.configure({ ...main.config, workTrees: 'together' })).toMatchObject({ outcome: 'invalid' })
    await main.checkpoint()
    const { checks } = await verifyLedger(main.store, main.stream)
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
  })

  it('conflicts with another tree where trees count together', async () => {
    const { main, linked } = await inTrees('together')
    expect(await main.acquire({ ...SRC, lane: 'x' })).toMatchObject({ outcome: 'granted' })
    expect(await linked.acquire({ ...SRC, lane: 'y' })).toMatchObject({ outcome: 'refused', code: 'held-by-self' })
    expect(await linked.acquire({ ...SRC, lane: 'y', holder: 'B' })).toMatchObject({ code: 'region-held' })
  })
})
