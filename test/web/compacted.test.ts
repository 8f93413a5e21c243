import { compactLedger } from '@holdfast/engine/maintenance'
import type { EpochMs } from '@holdfast/core'
import { afterAll, expect, it } from 'vitest'
import { LedgerFolder } from '../run/harness/ledger-folder.ts'
import { faultsOf } from './harness/axe.ts'
import { startBrowser } from './harness/browser.ts'
import { Serving } from './harness/serving.ts'

const started = await startBrowser()
const skipped = started.browser === null ? ` (skipped: ${started.reason})` : ''
afterAll(() => started.browser?.close())

it.skipIf(started.browser === null)(
  `a page shows what is live although its beginning was dropped from the archive${skipped}`,
  async () => {
    await using folder = await LedgerFolder.make({ ttlDefaultMs: 3_600_000 })
    const { ledger } = folder
    await ledger.acquire({ lane: 'gone', holder: 'ada', ttl: '1h' })
    const held = await ledger.acquire({ lane: 'old', holder: 'bob' })
    if (held.outcome !== 'granted') throw new Error(held.outcome)
    await ledger.release({ lane: 'gone', holder: 'ada', token: 1 })
    await compactLedger(ledger)
    const { dropped } = await ledger.store.dropArchive(ledger.stream, (Date.now() + 3_600_000) as EpochMs)
    expect(dropped).toMatchObject({ from: 0, to: 3 })
    const fresh = await ledger.acquire({ lane: 'new', holder: 'cleo' })
    if (fresh.outcome !== 'granted') throw new Error(fresh.outcome)

    const { serving, entrance } = await Serving.start(folder.url)
    await using _ended = serving
    if (started.browser === null) return
    const page = await started.browser.newPage({ viewport: { width: 1280, height: 800 } })
    page.setDefaultTimeout(10_000)
    await page.goto(entrance)
    await page.getByText('Events before r4 were dropped from the archive').waitFor()
    for (const lane of ['old', 'new']) await page.locator(`[data-lane="${lane}"] .bar-button.is-open`).waitFor()
    expect(await page.locator('[data-lane="gone"]').count()).toBe(0)
    await page.locator('[data-lane="old"] .bar-button').click()
    await page.locator('.why').getByText('Held by bob').waitFor()
    expect(await faultsOf(page, 'all')).toEqual([])
    // What ends afterwards ends in the picture as well.
    await ledger.release({ lane: 'old', holder: 'bob', token: held.lease.token })
    await page.locator('[data-lane="old"] .bar-button.is-open').waitFor({ state: 'detached' })
    expect(await page.locator('[data-lane="old"] .bar-button').count()).toBe(1)
    // What was dropped while it was not connected leaves no bar that never ends.
    await page.context().setOffline(true)
    await page.getByText('reconnecting').waitFor()
    await ledger.release({ lane: 'new', holder: 'cleo', token: fresh.lease.token })
    for (const lane of ['later', 'latest']) await ledger.acquire({ lane, holder: 'dora' })
    await compactLedger(ledger)
    await ledger.store.dropArchive(ledger.stream, (Date.now() + 3_600_000) as EpochMs)
    await ledger.acquire({ lane: 'last', holder: 'ed' })
    await page.context().setOffline(false)
    for (const lane of ['later', 'last']) await page.locator(`[data-lane="${lane}"] .bar-button.is-open`).waitFor()
    expect(await page.locator('[data-lane="new"] .is-open').count()).toBe(0)
  },
)
