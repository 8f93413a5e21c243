import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createBrotliDecompress } from 'node:zlib'
import { chromium, type Browser } from 'playwright-core'

/** The package with a browser in it; its own way to unpack lets two processes write one file at once. */
export const PACKED = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..', 'bin')
const UNPACKED = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'holdfast')

/** What a browser needs that runs as any user, in a container, without a screen. */
const ARGS = ['--no-sandbox', '--no-zygote', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none']

export type Started = { readonly browser: Browser } | { readonly browser: null; readonly reason: string }

/** Starts a browser, or says why none runs here. */
export async function startBrowser(): Promise<Started> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { browser: null, reason: `the browser is built for linux-x64, this is ${process.platform}-${process.arch}` }
  }
  try {
    return { browser: await chromium.launch({ executablePath: await unpacked(), args: ARGS }) }
  } catch (error) {
    return { browser: null, reason: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) }
  }
}

/** The executable, unpacked once. */
async function unpacked(): Promise<string> {
  const file = join(UNPACKED, 'chromium-153')
  if (existsSync(file)) return file
  mkdirSync(UNPACKED, { recursive: true })
  const making = `${file}.${process.pid}`
  await pipeline(createReadStream(join(PACKED, 'chromium.br')), createBrotliDecompress(), createWriteStream(making))
  await chmod(making, 0o755)
  renameSync(making, file)
  return file
}
