import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LedgerFolder } from '../run/harness/ledger-folder.ts'
import { startBrowser } from './harness/browser.ts'
import { faultsOf } from './harness/axe.ts'
import { Serving } from './harness/serving.ts'

const started = await startBrowser()
const skipped = started.browser === null ? ` (skipped: ${started.reason})` : ''

const CONFIG = { ttlDefaultMs: 120_000, graceMs: 1_000 }

/** What the page is promised to show within. */
const SOON_MS = 1_000

/** The bar of a lane's live lease. */
const bar = (lane: string): string => `[data-lane="${lane}"] .bar-button.is-open`

describe.skipIf(started.browser === null)(`the page${skipped}`, () => {
  let folder: LedgerFolder
  let serving: Serving
  let page: Page
  /** What went wrong in the page, and whatever it asked for elsewhere. */
  const wrong: string[] = []

  beforeAll(async () => {
    folder = await LedgerFolder.make(CONFIG)
    const { entrance, ...server } = await Serving.start(folder.url)
    serving = server.serving
    if (started.browser === null) return
    page = await started.browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
    page.setDefaultTimeout(10_000)
    page.on('pageerror', error => wrong.push(error.message))
    page.on('console', message => {
      if (message.type() === 'error' && !message.text().includes('net::ERR')) wrong.push(message.text())
    })
    page.on('request', request => {
      if (!request.url().startsWith(serving.url)) wrong.push(request.url())
    })
    await page.goto(entrance)
  })

  afterAll(async () => {
    await page?.close()
    await started.browser?.close()
    await serving?.[Symbol.asyncDispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  /** Without a fault in light and in dark. */
  async function isAccessible(): Promise<void> {
    const faults: string[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      // Only colours differ in the dark.
      const found = await faultsOf(page, colorScheme === 'light' ? 'all' : 'colours')
      faults.push(...found.map(fault => `${colorScheme} ${fault}`))
    }
    expect(faults).toEqual([])
  }

  async function granted(lane: string) {
    const outcome = await folder.ledger.acquire({ lane, holder: 'zoe' })
    if (outcome.outcome !== 'granted') throw new Error(outcome.outcome)
    return outcome
  }

  it('says what to type next where nothing is leased yet', async () => {
    await page.getByRole('heading', { name: 'Nothing is leased yet' }).waitFor()
    expect(await page.locator('pre').first().textContent()).toContain('holdfast acquire api --holder me')
    await isAccessible()
  })

  it('shows a lease within a second, with its verdict and the evidence for it', async () => {
    const outcome = await folder.ledger.acquire({ lane: 'api', holder: 'ada', region: ['src/**'] })
    expect(outcome.outcome).toBe('granted')
    await page.locator(bar('api')).waitFor({ timeout: SOON_MS })
    await page.getByRole('button', { name: '1 min', exact: true }).click()
    await page.locator(`${bar('api')}.advancing`).waitFor()
    await page.locator(bar('api')).hover()
    const tip = page.getByRole('tooltip')
    expect(await tip.textContent()).toMatch(/api, ada.*Verdict: advancing.*work events since it started/s)
    await isAccessible()
    await page.mouse.move(0, 0)
  })

  it('marks a refusal, and says in words what stood in the way', async () => {
    const refused = await folder.ledger.acquire({ lane: 'engine', holder: 'bob', region: ['src/run/**'] })
    expect(refused).toMatchObject({ outcome: 'refused', code: 'region-held' })
    await page.locator('[data-lane="engine"] .mark.refused').click()
    const why = page.locator('.why')
    await why.getByText('the region is held', { exact: false }).first().waitFor()
    expect(await why.textContent()).toMatch(/bob.*ada has it.*src\/run/s)
    await isAccessible()
    await why.getByRole('link', { name: 'api@1', exact: true }).first().click()
    await why.getByText('Held by').waitFor()
    await why.getByRole('button', { name: 'Close' }).click()
    await why.waitFor({ state: 'detached' })
  })

  it('a kill turns the lease: no life is shown for a process that is dead', async () => {
    const run = folder.run('job', ['--ttl', '3s'], process.execPath, '-e', 'setInterval(() => {}, 1000)')
    await page.locator(`${bar('job')}.advancing`).waitFor()
    const child = await folder.childOf('job')
    process.kill(run.pid, 'SIGKILL')
    process.kill(child, 'SIGKILL')
    await page.locator(`${bar('job')}.stalled, ${bar('job')}.expired`).waitFor()
    expect(await page.locator(`${bar('job')}.advancing`).count()).toBe(0)
  })

  it('a HALT from the page stops a real run', async () => {
    const run = folder.run('build', ['--ttl', '3s'], process.execPath, '-e', 'setInterval(() => {}, 1000)')
    await page.locator(bar('build')).click()
    const why = page.locator('.why')
    await why.getByRole('button', { name: 'HALT' }).click()
    await isAccessible()
    await why.getByLabel('Reason').fill('a test says so')
    await why.locator('.action-form').getByRole('button', { name: 'HALT' }).click()
    const halt = await folder.seen('HALT')
    expect(halt.data).toMatchObject({ lane: 'build', reason: 'a test says so' })
    expect((await run.ended).code).not.toBe(0)
    await folder.seen('RELEASE', ({ data }) => data.lane === 'build')
    await page.locator('[data-lane="build"] .mark.halt').waitFor()
    await why.getByText('Nobody holds it now.').waitFor()
    await page.keyboard.press('Escape')
    await why.waitFor({ state: 'detached' })
  })

  it('adopts, and ends by force, after it has said what that means', async () => {
    const why = page.locator('.why')
    await page.locator(bar('api')).click()
    await why.getByRole('button', { name: 'Adopt' }).click()
    await why.getByLabel('New holder').fill('eve')
    await why.getByLabel('Reason').fill('ada is away')
    await why.locator('.action-form').getByRole('button', { name: 'Adopt' }).click()
    expect((await folder.seen('ADOPT')).data).toMatchObject({ newHolder: 'eve', forced: true, reason: 'ada is away' })
    await why.getByText('Held by eve').waitFor()
    await why.getByRole('button', { name: 'End by force' }).click()
    expect(await why.locator('.action-form').textContent()).toContain('It then drains until')
    await why.getByLabel('Reason').fill('not needed')
    await why.locator('.action-form').getByRole('button', { name: 'End by force' }).click()
    expect((await folder.seen('SCAVENGE')).data).toMatchObject({ lane: 'api', forced: true, reason: 'not needed' })
    await page.locator('[data-lane="api"] .mark.evicted').waitFor()
    await why.getByRole('button', { name: 'Close' }).click()
    await why.waitFor({ state: 'detached' })
  })

  it('the slider moves the whole page to an earlier revision, and "Live" back', async () => {
    await page.getByRole('textbox', { name: 'Go to a revision' }).fill('r1')
    await page.keyboard.press('Enter')
    await page.locator(bar('api')).waitFor()
    await expect.poll(() => page.locator('.row').count()).toBe(1)
    expect(await page.locator('.mark').count()).toBe(0)
    await page.getByText('held then').first().waitFor()
    await isAccessible()
    await page.getByRole('slider').press('ArrowRight')
    await page.locator('[data-lane="engine"] .mark.refused').waitFor()
    await page.getByRole('button', { name: 'Live' }).click()
    await page.locator('[data-lane="build"]').waitFor()
    await page.locator('.is-past').first().waitFor({ state: 'detached' })
  })

  it('the other views: a table that is searched and sorted, contention by folder, the log as it comes', async () => {
    for (const [lane, holder] of [
      ['web', 'carol'],
      ['docs', 'dan'],
    ] as const)
      await folder.ledger.acquire({ lane, holder })
    await page.getByRole('tab', { name: 'Leases' }).click()
    await page.getByRole('cell', { name: 'carol' }).waitFor()
    await isAccessible()
    await page.getByRole('button', { name: 'Holder' }).click()
    const holders = () => page.locator('.table-body .cell-holder').allTextContents()
    expect(await holders()).toEqual([...(await holders())].sort())
    await page.getByRole('searchbox').fill('dan')
    expect(await holders()).toEqual(['dan'])
    await page.getByRole('tab', { name: 'Contention' }).click()
    await page.getByRole('heading', { name: 'src/run' }).waitFor()
    expect(await page.locator('.folder', { hasText: 'src/run' }).textContent()).toMatch(/bob was refused by ada/)
    await isAccessible()
    await page.getByRole('tab', { name: 'Log' }).click()
    await page.locator('.event').first().waitFor()
    await isAccessible()
    await folder.ledger.halt({ handle: 'nobody', reason: 'into the void' })
    await page.locator('.event', { hasText: 'into the void' }).waitFor({ timeout: SOON_MS })
    await page.getByRole('tab', { name: 'Timeline' }).click()
  })

  it('the keyboard alone reaches every lane and bar, and what is known of it', async () => {
    const focused = () =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent)
    await page.getByRole('searchbox').focus()
    for (let tabs = 0; tabs < 12 && (await focused()) !== 'api'; tabs += 1) await page.keyboard.press('Tab')
    expect(await focused()).toBe('api')
    await page.keyboard.press('ArrowRight')
    await expect.poll(focused).toMatch(/^api, ada\. .*Held from/)
    expect(await page.getByRole('tooltip').isVisible()).toBe(true)
    await page.keyboard.press('ArrowDown')
    await expect.poll(focused).toBe('build')
    await page.keyboard.press('Enter')
    await page.locator('.why').getByText('How it came to that').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.why').waitFor({ state: 'detached' })
    await expect.poll(focused).toBe('build')
  })

  it('names of any length and script stay in their place, also 360 pixels wide', async () => {
    const names = ['l'.repeat(200), 'מסלול ארוך', '課題-日本語', 'a<b>&"c']
    for (const lane of names) await folder.ledger.acquire({ lane, holder: `${lane.slice(0, 190)}-holder` })
    await page.setViewportSize({ width: 360, height: 740 })
    for (const tab of ['Leases', 'Contention', 'Log', 'Timeline']) {
      await page.getByRole('tab', { name: tab }).click()
      await page.locator('.panel > section').waitFor()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
      await isAccessible()
    }
    await page.getByRole('rowheader').getByText('a<b>&"c', { exact: true }).click()
    await page.locator('.why').getByText('Held by').waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    await isAccessible()
    await page.locator('.why').getByRole('button', { name: 'Close' }).click()
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  it('a broken connection hides all life, says so, and is mended without a gap', async () => {
    const { lease } = await granted('lasting')
    await page.locator(`${bar('lasting')}.advancing`).waitFor()
    await page.context().setOffline(true)
    await page.getByText('reconnecting').waitFor()
    await expect.poll(() => page.locator('.bar-button.advancing, .chip.advancing').count()).toBe(0)
    expect(await page.locator('.connection').textContent()).toMatch(/as of r\d+/)
    await isAccessible()
    await folder.ledger.release({ lane: 'lasting', holder: 'zoe', token: lease.token })
    await granted('meanwhile')
    await page.context().setOffline(false)
    await page.locator(`${bar('meanwhile')}.advancing`).waitFor()
    expect(await page.locator(bar('lasting')).count()).toBe(0)
    await page.getByRole('tab', { name: 'Log' }).click()
    await page.locator('.event', { hasText: 'meanwhile' }).first().waitFor()
    expect(await page.locator('.event', { hasText: 'meanwhile' }).count()).toBe(1)
  })

  it('nothing went wrong in it, and nothing was fetched from elsewhere', () => {
    expect(wrong).toEqual([])
  })

  it('a server that was started anew lets in by a new address only, and the page says so', async () => {
    await serving.kill()
    await page.getByText('The server does not answer').waitFor()
    const entrance = await serving.again(['--can', 'read,halt'])
    await page.getByText('This page is not let in').waitFor()
    await isAccessible()
    await page.goto(entrance)
    await page.locator(`${bar('meanwhile')}.advancing`).waitFor()
  })

  it('what it may not do is disabled and explained before it is tried, and refused by the server', async () => {
    await page.locator(bar('meanwhile')).click()
    const why = page.locator('.why')
    await why.getByText('page lacks the right adopt and force').waitFor()
    await why.getByText('page lacks the right scavenge and force').waitFor()
    expect(await why.getByRole('button', { name: 'HALT' }).isEnabled()).toBe(true)
    for (const name of ['Adopt', 'End by force'])
      expect(await why.getByRole('button', { name }).isDisabled(), name).toBe(true)
    await isAccessible()
    const status = await page.evaluate(async () => {
      const body = JSON.stringify({ lane: 'meanwhile', token: 1, force: true })
      const headers = { 'Content-Type': 'application/json', 'Holdfast-Page': '1' }
      return (await fetch('v1/ledgers/default/scavenge', { method: 'POST', headers, body })).status
    })
    expect(status).toBe(403)
  })
})
