import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLeanLedger } from '@holdfast/engine/lean'
import { buildPage } from '../scripts/build/page.ts'
import { appendBeats } from '../test/maintenance/many-beats.ts'
import { startBrowser, type Started } from '../test/web/harness/browser.ts'
import { Serving } from '../test/web/harness/serving.ts'
import type { Benchmark } from './benchmark.ts'

// Target: a page with 100,000 events draws a frame in the time of one with 1,000, and far within 16 ms. A frame is what the
// page does when its clock moves: every lane, bar, mark and figure is laid out and drawn anew.

const SMALL = 1_000
const LARGE = 100_000
const FRAMES = 20
const RATIO_MAX = 2
const LOAD_MS_MAX = 120_000
const LOOK_EVERY_MS = 200

type Page = Awaited<ReturnType<NonNullable<Started['browser']>['newPage']>>

const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
const pages = new Map<number, Page>()
const servers: Serving[] = []
let started: Started | null = null

async function open(events: number): Promise<void> {
  const url = `sqlite:${join(folder, `${events}.db`)}`
  {
    await using ledger = await openLeanLedger(url, { actor: null })
    await appendBeats(ledger, events)
  }
  const { serving, entrance } = await Serving.start(url)
  servers.push(serving)
  if (started?.browser === null || started === null) throw new Error('no browser starts here')
  const page = await started.browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(entrance)
  const giveUpAtMs = performance.now() + LOAD_MS_MAX
  const head = async (): Promise<number> => Number((await page.locator('.figure dd').first().textContent())?.slice(1))
  while (!((await head()) >= events)) {
    if (performance.now() > giveUpAtMs) throw new Error(`the page did not read ${events} events`)
    await page.waitForTimeout(LOOK_EVERY_MS)
  }
  pages.set(events, page)
}

/** Zooms to and fro, so that everything on the axis is laid out anew. */
function frames(events: number): Promise<unknown> | undefined {
  const draw = `(async () => {
    const spans = document.querySelectorAll('.spans button')
    for (let frame = 0; frame < ${FRAMES}; frame += 1) {
      spans[2 + (frame % 2)].click()
      for (let turn = 0; turn < 8; turn += 1) await Promise.resolve()
      void document.body.offsetHeight
    }
  })()`
  return pages.get(events)?.evaluate(draw)
}

export const benchmark: Benchmark = {
  title: `a frame of the page, ${LARGE} events against ${SMALL}`,
  budgetMs: 3_000,
  setup: async () => {
    await buildPage()
    started = await startBrowser()
    for (const events of [SMALL, LARGE]) await open(events)
  },
  teardown: async () => {
    await started?.browser?.close()
    for (const server of servers) await server[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  },
  cases: [
    { name: `${SMALL} events`, unitsPerCall: FRAMES, run: () => frames(SMALL) },
    { name: `${LARGE} events`, unitsPerCall: FRAMES, run: () => frames(LARGE), ratioMax: RATIO_MAX },
  ],
}
