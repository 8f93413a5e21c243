// The server of `serve-load`: tells on each line what it has used so far.
import { existsSync, readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { openLedger } from '@holdfast/engine'
import { serve } from '@holdfast/server'

/** Where Linux lists the open files of a process. */
const OPEN_FILES = '/proc/self/fd'

const [store = ''] = process.argv.slice(2)
await (await openLedger(store, { server: false })).close()
const server = await serve({ store })
process.stdout.write('ready\n')

for await (const _line of createInterface(process.stdin)) {
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
  const files = existsSync(OPEN_FILES) ? readdirSync(OPEN_FILES).length : 0
  const used = { cpuMs: (user + system) / 1000, rss, heapUsed, heapTotal, external, files }
  process.stdout.write(`${JSON.stringify(used)}\n`)
}
await server.stop()
process.exit(0)
