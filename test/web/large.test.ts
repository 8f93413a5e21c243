import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LedgerFolder } from '../run/harness/ledger-folder.ts'
import { faultsOf } from './harness/axe.ts'
import { startBrowser } from './harness/browser.ts'
import { Serving } from './harness/serving.ts'

const started = await startBrowser()
const skipped = started.browser === null ? ` (skipped: ${started.reason})` : ''

const LEASES = 10_000
/** Leases that one request takes. */
const TOGETHER = 64
const FRAMES = 20
/** What a frame may take at 60 a second. */
const FRAME_MS = 1_000 / 60

describe.skipIf(started.browser === null)(`the page with ${LEASES} leases${skipped}`, () => {
  let folder: LedgerFolder
  let serving: Serving
  let page: Page

  beforeAll(async () => {
    folder = await LedgerFolder.make({ ttlDefaultMs: 3_600_000 })
    await lease(folder)
    const { entrance, ...server } = await Serving.start(folder.url)
    serving = server.serving
    if (started.browser === null) return
    page = await started.browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(entrance)
    await page.getByText('10,000 lanes').waitFor()
  }, 60_000)

  afterAll(async () => {
    await page?.close()
    await started.browser?.close()
    await serving?.[Symbol.asyncDispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  /**
   * The median of what the page has to do for a frame while a list scrolls, in ms: drawing the rows, and their layout. How soon
   * a browser then paints is up to the machine and to what else runs on it.
   */
  function workOfFrame(list: string): Promise<number> {
    return page.evaluate(
      async ({ list, frames }) => {
        const element = document.querySelector(list)
        if (element === null) throw new Error(`no ${list}`)
        const first = () => element.querySelector('[role="row"], li')?.textContent
        const took: number[] = []
        for (let frame = 0; frame < frames; frame += 1) {
          await new Promise(requestAnimationFrame)
          const before = first()
          const from = performance.now()
          element.scrollTop += 400
          element.dispatchEvent(new Event('scroll'))
          // Rows are drawn in a microtask.
          for (let turn = 0; turn < 8; turn += 1) await Promise.resolve()
          void document.body.offsetHeight
          took.push(performance.now() - from)
          if (first() === before) throw new Error('no other rows are drawn')
        }
        return took.sort((a, b) => a - b)[took.length >> 1] ?? 0
      },
      { list, frames: FRAMES },
    )
  }

  it.each([
    ['Timeline', '.rows', '.row'],
    ['Leases', '.table-body', '.table-body .table-row'],
    ['Log', '.log .scroll', '.event'],
  ])('%s: draws what is seen, and scrolls without a pause', async (tab, list, row) => {
    await page.getByRole('tab', { name: tab }).click()
    await page.locator(row).first().waitFor()
    expect(await page.locator(row).count()).toBeLessThan(60)
    // Others may run on this machine: it is what one of several rounds takes.
    await expect.poll(() => workOfFrame(list), { timeout: 10_000 }).toBeLessThan(FRAME_MS)
    expect(await page.locator(row).count()).toBeGreaterThan(5)
  })

  it('the keyboard reaches the last of them', async () => {
    await page.getByRole('tab', { name: 'Timeline' }).click()
    await page.locator('[data-row="0"] [data-item="0"]').focus()
    await page.keyboard.press('Control+End')
    await page.locator(`[data-row="${LEASES - 1}"] a:focus`).waitFor()
  })

  it('has no fault for whoever cannot see it, however many there are', async () => {
    expect(await faultsOf(page, 'all')).toEqual([])
  })

  it('finds one of them', async () => {
    await page.getByRole('searchbox').fill('lane-7777')
    await page.getByText('1 lane', { exact: true }).waitFor()
    await page.locator('[data-lane="lane-7777"] .advancing').first().waitFor()
  })
})

async function lease({ ledger }: LedgerFolder): Promise<void> {
  const lanes = Array.from({ length: LEASES }, (_, index) => ({ lane: `lane-${String(index).padStart(4, '0')}` }))
  const granted: Promise<{ outcome: string }>[] = []
  for (let at = 0; at < LEASES; at += TOGETHER) {
    const [first, ...others] = lanes.slice(at, at + TOGETHER)
    if (first !== undefined) granted.push(ledger.acquire({ ...first, holder: `holder-${at}`, allOf: others }))
  }
  const outcomes = new Set((await Promise.all(granted)).map(({ outcome }) => outcome))
  if (outcomes.size !== 1 || !outcomes.has('granted')) throw new Error([...outcomes].join(' '))
}
