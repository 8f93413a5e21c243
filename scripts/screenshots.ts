// Makes the pictures of the page in docs/images/ from a real ledger, a real server and a real browser:
//   npm run screenshots
// What is seen was recorded just now; only its clock was set back, so that nobody has to wait for ten minutes of history.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { PACKED, startBrowser } from '../test/web/harness/browser.ts'
import { Serving } from '../test/web/harness/serving.ts'
import { buildPage } from './build/page.ts'
import { recordScene, waitInLine } from './screenshots-scene.ts'

type Browser = NonNullable<Awaited<ReturnType<typeof startBrowser>>['browser']>
type Page = Awaited<ReturnType<Browser['newPage']>>

const images = join(import.meta.dirname, '..', 'docs', 'images')

/** A run that shows no work for so long spins. */
const POLICY = { liveness: { graceMs: 330_000, spinMs: 600_000, progressWindowMs: 600_000 } }

const WAITED_MS = 15_000

interface Picture {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly colorScheme: 'light' | 'dark'
  readonly show: (page: Page) => Promise<void>
}

const PICTURES: readonly Picture[] = [
  {
    name: 'page-why.png',
    width: 1280,
    height: 760,
    colorScheme: 'dark',
    show: async page => {
      await page.locator('[data-lane="web"] .bar-button.is-open').click()
      await page.locator('.why').getByRole('button', { name: 'HALT' }).click()
      await page.mouse.move(0, 0)
    },
  },
  {
    name: 'page-contention.png',
    width: 1280,
    height: 560,
    colorScheme: 'light',
    show: async page => {
      await page.getByRole('tab', { name: 'Contention' }).click()
      await page.locator('.folder').first().waitFor()
    },
  },
  { name: 'page-phone.png', width: 360, height: 700, colorScheme: 'dark', show: async () => {} },
  {
    name: 'page-timeline.png',
    width: 1280,
    height: 640,
    colorScheme: 'light',
    show: async page => {
      // Somebody waits long enough to be seen.
      await page.waitForTimeout(WAITED_MS)
      await page.locator('[data-lane="deploy"] .mark.evicted').hover()
    },
  },
]

const folder = mkdtempSync(join(tmpdir(), 'holdfast-pictures-'))
const store = `sqlite:${join(folder, 'ledger.db')}`
try {
  await buildPage()
  await recordScene(store)
  const config = join(folder, 'holdfast.config.json')
  writeFileSync(config, JSON.stringify(POLICY))
  const { serving, entrance } = await Serving.start(store, ['--config', config])
  await using _serving = serving
  await using _waiter = waitInLine(store)
  useFont()
  const { browser } = await startBrowser()
  if (browser === null) throw new Error('no browser starts here')
  await takeAll(browser, entrance)
  await browser.close()
} finally {
  rmSync(folder, { recursive: true })
}

async function takeAll(browser: Browser, entrance: string): Promise<void> {
  mkdirSync(images, { recursive: true })
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(entrance)
  for (const { name, width, height, colorScheme, show } of PICTURES) {
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme })
    await page.goto(new URL('/', entrance).href)
    await page.locator('.chip.advancing, .chip.spinning').first().waitFor()
    await page.locator('.row-state .in-line').first().waitFor()
    await show(page)
    await page.screenshot({ path: join(images, name) })
    console.log(`wrote ${join(images, name)}`)
  }
}

/** The browser's package has a font, so that the pictures look the same wherever they are made. */
function useFont(): void {
  const archive = join(folder, 'fonts.tar')
  writeFileSync(archive, brotliDecompressSync(readFileSync(join(PACKED, 'fonts.tar.br'))))
  execFileSync('tar', ['xf', archive, '-C', folder])
  const configuration = `<?xml version="1.0"?><fontconfig><dir>${folder}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>${folder}/cache</cachedir></fontconfig>`
  writeFileSync(join(folder, 'fonts.conf'), configuration)
  process.env['FONTCONFIG_FILE'] = join(folder, 'fonts.conf')
}
