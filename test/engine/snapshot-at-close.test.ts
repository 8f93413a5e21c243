import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedger } from '@holdfast/engine'
import { loadLedger } from '@holdfast/projections'
import { SNAPSHOT_AFTER_EVENTS } from '@holdfast/projections/internal'
import { openStore } from '@holdfast/store'
import { afterAll, expect, test } from 'vitest'
import { altered } from '../projections/altered-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-closing-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Beats a lease so often in one process, closes the ledger, and counts what the next process has to read. */
async function readAfter(beats: number): Promise<number> {
  const url = `sqlite:${join(folder, `${beats}.db`)}`
  const ledger = await openLedger(url)
  const asked = await ledger.acquire({ lane: 'api', holder: 'one' })
  if (asked.outcome !== 'granted') throw new Error(asked.outcome)
  const { lane, token } = asked.lease
  await Promise.all(Array.from({ length: beats }, () => ledger.heartbeat({ lane, holder: 'one', token })))
  await ledger.close()
  await using store = await openStore(url)
  let read = 0
  const metered = altered(store, {
    async *read(stream, options) {
      for await (const entries of store.read(stream, options)) {
        read += entries.length
        yield entries
      }
    },
  })
  await loadLedger(metered, 'default')
  return read
}

test('a process that folded much leaves the next one little to fold', async () => {
  expect(await readAfter(SNAPSHOT_AFTER_EVENTS + 1)).toBeLessThan(10)
})

test('a process that folded little leaves no snapshot', async () => {
  expect(await readAfter(20)).toBeGreaterThanOrEqual(20)
})
