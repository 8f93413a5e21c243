import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LedgerFolder } from '../run/harness/ledger-folder.ts'
import { startBrowser } from './harness/browser.ts'
import { faultsOf } from './harness/axe.ts'
import { Serving } from './harness/serving.ts'

// What the page shows and does where it could be wrong: names that act, clocks that lie, answers that do not come.

const started = await startBrowser()
const skipped = started.browser === null ? ` (skipped: ${started.reason})` : ''

const HOUR_MS = 3_600_000

const bar = (lane: string): string => `[data-lane="${lane}"] .bar-button.is-open`

describe.skipIf(started.browser === null)(`the page in doubt${skipped}`, () => {
  let folder: LedgerFolder
  let serving: Serving
  let context: BrowserContext
  let page: Page
  const wrong: string[] = []

  beforeAll(async () => {
    folder = await LedgerFolder.make({ ttlDefaultMs: HOUR_MS, graceMs: 1_000 })
    const { entrance, ...server } = await Serving.start(folder.url)
    serving = server.serving
    if (started.browser === null) return
    context = await started.browser.newContext({ viewport: { width: 1280, height: 800 } })
    context.setDefaultTimeout(15_000)
    page = await opened(entrance)
  })

  afterAll(async () => {
    await context?.close()
    await started.browser?.close()
    await serving?.[Symbol.asyncDispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  async function opened(address: string, prepare: (page: Page) => Promise<void> = async () => {}): Promise<Page> {
    const made = await context.newPage()
    made.on('pageerror', error => wrong.push(error.message))
    made.on('dialog', dialog => {
      wrong.push(dialog.message())
      void dialog.dismiss()
    })
    made.on('console', message => {
      if (message.type() === 'error' && !/net::ERR|status of/.test(message.text())) wrong.push(message.text())
    })
    await prepare(made)
    await made.goto(address)
    return made
  }

  async function granted(lane: string, holder = 'zoe') {
    const outcome = await folder.ledger.acquire({ lane, holder })
    if (outcome.outcome !== 'granted') throw new Error(outcome.outcome)
    return outcome.lease
  }

  const why = () => page.locator('.why')
  const closeWhy = async (): Promise<void> => {
    await why().getByRole('button', { name: 'Close', exact: true }).first().click()
    await why().waitFor({ state: 'detached' })
  }

  it('whoever waits for a human heads every list, and the waiting is said in words', async () => {
    for (const lane of ['a-first', 'zz-last']) await granted(lane, lane === 'zz-last' ? 'claude/7f3a' : 'ada')
    const waiting = { for: 'permission', detail: 'rm -rf build' }
    await folder.ledger.spawn({ lane: 'session', holder: 'claude/7f3a', ttl: '30m', waiting })
    await page.locator(`${bar('zz-last')}.waiting`).waitFor()
    const lanes = () => page.locator('.row .lane').allTextContents()
    await expect.poll(lanes).toEqual(['session', 'zz-last', 'a-first'])
    expect(await page.locator('.figure', { hasText: 'Waiting for a human' }).locator('dd').textContent()).toBe('1')
    await page.getByRole('tab', { name: 'Leases' }).click()
    const first = () => page.locator('.table-body .table-row').first().textContent()
    await expect.poll(first).toContain('zz-last')
    await page.getByRole('button', { name: 'Lane' }).click()
    await page.getByRole('button', { name: 'Lane' }).click()
    expect(await first()).toContain('zz-last')
    expect(await faultsOf(page, 'all')).toEqual([])
    await page.getByRole('tab', { name: 'Log' }).click()
    await page.getByText('claude/7f3a waits for a human: permission, rm -rf build').waitFor()
    await page.getByRole('tab', { name: 'Timeline' }).click()
  })

  it('names that would act, mislead or lead elsewhere are shown as they are written', async () => {
    const names = [
      '<img src=x onerror=alert(1)>',
      '__proto__',
      'a\u202Eb\u2066c',
      'r1',
      '..',
      '"><script>alert(2)</script>',
    ]
    for (const lane of names) await granted(lane, lane)
    await folder.ledger.halt({ handle: 'h', lane: '__proto__', reason: `\u202E\n<b>${'x'.repeat(4_000)}` })
    await page.locator('.row', { hasText: '\\u{202e}b\\u{2066}c' }).waitFor()
    const lanes = await page.locator('.row .lane').allTextContents()
    expect(lanes).toEqual(
      expect.arrayContaining(names.map(name => name.replace('\u202E', '\\u{202e}').replace('\u2066', '\\u{2066}'))),
    )
    for (const lane of ['r1', '..', '__proto__', '<img src=x onerror=alert(1)>']) {
      await page.locator('.row .lane', { hasText: lane }).getByText(lane, { exact: true }).click()
      await why().getByText('Held by').waitFor()
      expect(await why().locator('.lead').textContent()).toContain(lane)
    }
    await closeWhy()
    await page.getByRole('tab', { name: 'Log' }).click()
    await page.locator('.event', { hasText: '\\u{202e}\\u{a}<b>xxx' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280)
    expect(await page.locator('#page img:not(.brand img), #page script, .event b').count()).toBe(0)
    await page.getByRole('tab', { name: 'Timeline' }).click()
  })

  it('verdicts and ages go by the clock of the server, and several windows are served at once', async () => {
    const windows = await Promise.all(
      [7 * HOUR_MS, -7 * HOUR_MS, 0].map(aheadMs => {
        const set = `{ const real = Date.now; Date.now = () => real() + ${aheadMs} }`
        return opened(serving.url, async one => void (await one.addInitScript(set)))
      }),
    )
    for (const one of windows) {
      await one.locator(`${bar('a-first')}.advancing`).waitFor()
      await one.locator('[data-lane="a-first"] .lane').click()
      await one.locator('.why').getByText('Held by').waitFor()
      expect(await one.locator('.why').textContent()).toMatch(/Expires[\d: -]+, in 59 min/)
      expect(await one.locator('.connection').textContent()).toMatch(/^connectedas of r\d+, (now|\d s ago)$/)
    }
    for (const one of windows) await one.close()
  })

  it('a click twice, and a request that nobody answered and that is sent again, are done once', async () => {
    await granted('twice')
    await page.locator(bar('twice')).click()
    await why().getByRole('button', { name: 'HALT' }).click()
    await why().getByLabel('Reason').fill('lost')
    // It reaches the server; its answer reaches nobody.
    await page.route('**/halt', async route => {
      await route.fetch()
      await route.abort()
    })
    const send = why().locator('.action-form button[type="submit"]')
    await send.dblclick()
    await why().getByText('did not say whether this was done').waitFor()
    await folder.seen('HALT', ({ data }) => data.reason === 'lost')
    expect(await why().getByLabel('Reason').getAttribute('readonly')).not.toBeNull()
    await page.unroute('**/halt')
    await expect.poll(() => send.isEnabled()).toBe(true)
    await send.dblclick()
    await why().getByText('The HALT is recorded').waitFor()
    await granted('after-it')
    await page.locator(bar('after-it')).waitFor()
    expect(folder.events('HALT').filter(({ data }) => data.reason === 'lost')).toHaveLength(1)
    await closeWhy()
  })

  it('an action is meant for the holder that was seen: nothing is sent where the lease has changed hands', async () => {
    const { token } = await granted('hands', 'ada')
    await page.locator(bar('hands')).click()
    await why().getByRole('button', { name: 'End by force' }).click()
    await why().getByLabel('Reason').fill('ada is away')
    await folder.ledger.adopt({ lane: 'hands', newHolder: 'eve', expectToken: token, force: true })
    await why().getByText('The lease has changed hands: ada').waitFor()
    const send = why().locator('.action-form button[type="submit"]')
    expect(await send.isDisabled()).toBe(true)
    await why().getByLabel('Reason').press('Enter')
    await why().getByText('Held by eve').waitFor()
    expect(folder.events('SCAVENGE')).toEqual([])
    await closeWhy()
  })

  it('a page that is not let in any more says that nothing was done', async () => {
    await page.locator(bar('hands')).click()
    await why().getByRole('button', { name: 'HALT' }).click()
    await why().getByLabel('Reason').fill('shut out')
    const cookies = await context.cookies()
    // What the page asks for by itself must not be the first to hear of it.
    await page.route('**/status', () => {})
    await context.clearCookies()
    await why().locator('.action-form button[type="submit"]').click()
    await why().getByText('Nothing was done').waitFor()
    await context.addCookies(cookies)
    await page.unroute('**/status')
    expect(folder.events('HALT').filter(({ data }) => data.reason === 'shut out')).toEqual([])
    await closeWhy()
  })

  it('the past stays as it was while events arrive, and a broken connection leaves life nowhere', async () => {
    await page.locator(`${bar('a-first')}.advancing`).waitFor()
    await page.getByRole('textbox', { name: 'Go to a revision' }).fill('r1')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('.row').count()).toBe(1)
    await granted('later')
    await page.locator('[data-lane="a-first"] .lane').click()
    await why().locator('.chip.advancing').waitFor()
    expect(await why().textContent()).toContain('This answer is about now, not about r1')
    await page.locator(bar('a-first')).hover()
    // What was live then is asked of the server.
    await expect.poll(() => page.getByRole('tooltip').textContent()).toContain('It was held then')
    expect(await page.locator('.row').count()).toBe(1)
    await context.setOffline(true)
    await page.getByText('reconnecting').waitFor()
    await why().locator('.chip.unjudged').waitFor()
    expect(await page.locator('.advancing:not(.swatch)').count()).toBe(0)
    await context.setOffline(false)
    await page.getByRole('button', { name: 'Live' }).click()
    await page.locator(`${bar('later')}.advancing`).waitFor()
    await closeWhy()
    await page.locator(bar('a-first')).hover()
    const tip = page.getByRole('tooltip')
    expect(await tip.textContent()).toContain('Verdict: advancing')
    await context.setOffline(true)
    await expect.poll(() => tip.textContent()).toContain('Verdict: not known now')
    expect(await page.locator('.advancing:not(.swatch)').count()).toBe(0)
    await context.setOffline(false)
    await page.locator(`${bar('later')}.advancing`).waitFor()
  })

  it('what cannot be gone to is explained', async () => {
    const go = page.getByRole('textbox', { name: 'Go to a revision' })
    for (const [typed, said] of [
      ['r999999', 'the newest revision is r'],
      ['2999-01-01', 'this time is in the future'],
      ['2001-01-01', 'nothing was recorded by then'],
      ['some day', 'write a revision such as r120'],
    ] as const) {
      await go.fill(typed)
      await go.press('Enter')
      await page.locator('.notices', { hasText: said }).waitFor()
    }
    await go.fill('now')
    await go.press('Enter')
    await page.locator('.notice.bad').waitFor({ state: 'detached' })
  })

  it('where another ledger stands now, nothing of the former one is shown', async () => {
    await using other = await LedgerFolder.make({ ttlDefaultMs: HOUR_MS })
    await other.ledger.acquire({ lane: 'elsewhere', holder: 'otto' })
    await serving.kill()
    await page.getByText('The server does not answer').waitFor()
    const entrance = await serving.again([], other.url)
    // The cookie of another window lets this one in: it goes on where it was.
    const window = await opened(entrance)
    await window.locator(bar('elsewhere')).waitFor()
    await window.close()
    await page.locator(`${bar('elsewhere')}.advancing`).waitFor()
    await expect.poll(() => page.locator('.row .lane').allTextContents()).toEqual(['elsewhere'])
    expect(await page.locator('.figure dd').first().textContent()).toBe('r1')
    await serving.kill()
  })

  it('nothing went wrong in it', () => {
    expect(wrong).toEqual([])
  })
})
