import type { Lease } from '@holdfast/core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LedgerFolder } from '../run/harness/ledger-folder.ts'
import { startBrowser } from './harness/browser.ts'
import { Serving } from './harness/serving.ts'

const started = await startBrowser()
const skipped = started.browser === null ? ` (skipped: ${started.reason})` : ''

/** Events that the page loads at first; so many and some more are there. */
const LOADED = 100_000
const LANES = 50
const HALTS = 500
/** Beats that a store takes at once. */
const BATCH = 4_000
/** Elements that the page has, however much there is to show. */
const ELEMENTS_MAX = 2_500

const bar = (lane: string): string => `[data-lane="${lane}"] .bar-button.is-open`

describe.skipIf(started.browser === null)(`the page of a ledger with more than ${LOADED} events${skipped}`, () => {
  let folder: LedgerFolder
  let serving: Serving
  let page: Page
  /** When the lane of long ago was given back. */
  let releasedMs = 0

  beforeAll(async () => {
    folder = await LedgerFolder.make({ ttlDefaultMs: 3_600_000 })
    releasedMs = await record(folder)
    const { entrance, ...server } = await Serving.start(folder.url)
    serving = server.serving
    if (started.browser === null) return
    page = await started.browser.newPage({ viewport: { width: 1280, height: 800 } })
    page.setDefaultTimeout(20_000)
    await page.goto(entrance)
    const head = await folder.ledger.store.head(folder.ledger.stream)
    // A server that begins with so much to read may record a checkpoint.
    const isRead = (from: number) => Number(document.querySelector('.figure dd')?.textContent?.slice(1)) >= from
    await page.waitForFunction(isRead, Number(head), { timeout: 60_000 })
  }, 120_000)

  afterAll(async () => {
    await page?.close()
    await started.browser?.close()
    await serving?.[Symbol.asyncDispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  it('draws them on the axis as few things, and loses none', async () => {
    for (const span of ['1 min', '10 min', '7 d']) {
      await page.getByRole('button', { name: span, exact: true }).click()
      await page.locator('[data-lane="lane-0"] .mark.halt').first().waitFor()
      expect(await page.locator('#page *').count(), span).toBeLessThan(ELEMENTS_MAX)
      const beats = await page.locator('[data-lane="lane-0"] .beats path').getAttribute('d')
      expect(beats, span).toMatch(/^M/)
      expect(beats?.length, span).toBeLessThan(10_000)
    }
    const told = await page.locator('[data-lane="lane-0"] .mark.halt').first().getAttribute('aria-label')
    expect(told).toContain(`and ${HALTS / LANES - 1} more here`)
    await page.getByRole('tab', { name: 'Log' }).click()
    await page.getByLabel('Hide beats').click()
    await page.locator('.count', { hasText: /^100,00\d events$/ }).waitFor()
    expect(await page.locator('.event').count()).toBeLessThan(60)
    await page.getByRole('tab', { name: 'Timeline' }).click()
  })

  it('reaches what was before those that are loaded: by revision, by time, and by the slider', async () => {
    await page.getByText('The newest events are loaded, from r').waitFor()
    const go = page.getByRole('textbox', { name: 'Go to a revision' })
    const to = async (typed: string): Promise<void> => {
      await go.fill(typed)
      await go.press('Enter')
    }
    await to('r1')
    await page.locator(bar('early')).waitFor()
    expect(await page.locator('.row .lane').allTextContents()).toEqual(['early'])
    await page.getByRole('slider').press('ArrowRight')
    await page.locator('[data-lane="early"] .ended-released').waitFor()
    expect(page.url()).toContain('at=r2')
    await to('r1')
    await page.locator(bar('early')).waitFor()
    await to(new Date(releasedMs).toISOString())
    await page.waitForURL(/at=r2$/)
    // Far from both ends: what is read for it is not all.
    await to('r30000')
    await page.getByText(/Events r10000 to r\d+ were read/).waitFor()
    await page.locator(bar('lane-7')).waitFor()
    await page.getByRole('slider').press('Home')
    await page.waitForURL(/at=r0$/)
    await page.getByRole('slider').press('End')
    await page.locator(`${bar('lane-7')}.advancing`).waitFor()
    expect(page.url()).not.toContain('at=')
  })
})

/** A lane of long ago, and what was recorded since: HALTs and beats of others. */
async function record(folder: LedgerFolder): Promise<number> {
  const { ledger } = folder
  const early = await ledger.acquire({ lane: 'early', holder: 'eve' })
  if (early.outcome === 'granted') await ledger.release({ lane: 'early', holder: 'eve', token: early.lease.token })
  const lanes = Array.from({ length: LANES - 1 }, (_, index) => ({ lane: `lane-${index + 1}` }))
  await ledger.acquire({ lane: 'lane-0', holder: 'h', allOf: lanes })
  const leases = [...ledger.state.leases.values()]
  await beat(ledger, leases, { from: 0, to: LOADED / 2 })
  await Promise.all(Array.from({ length: HALTS }, (_, at) => ledger.halt({ handle: 'h', lane: `lane-${at % LANES}` })))
  await beat(ledger, leases, { from: LOADED, to: LOADED * 1.9 })
  return (await folder.seen('RELEASE')).recordedAt
}

/** Records beats, numbered so: as many as a store takes at once, for nobody has to decide about them. */
async function beat(
  { store, stream }: LedgerFolder['ledger'],
  leases: readonly Lease[],
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  for (let at = from; at < to; at += BATCH) {
    const events = Array.from({ length: BATCH }, (_, index) => {
      const { lane, leaseId, token } = leases[index % leases.length] ?? {}
      const eventId = `00000000-0000-5000-8000-${(at + index).toString(16).padStart(12, '0')}`
      return { eventId, type: 'HEARTBEAT', schemaVersion: 1, actor: null, data: { lane, leaseId, token, reason: '' } }
    })
    const { outcome } = await store.append(stream, await store.head(stream), events)
    if (outcome !== 'appended') throw new Error(outcome)
  }
}
