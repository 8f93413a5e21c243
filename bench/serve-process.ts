// The server of `serve-load`: tells on each line what it has used so far.
import { createInterface } from 'node:readline'
import { openLedger } from '@holdfast/engine'
import { serve } from '@holdfast/server'

const [store = ''] = process.argv.slice(2)
await (await openLedger(store, { server: false })).close()
const server = await serve({ store })
process.stdout.write('ready\n')

for await (const _line of createInterface(process.stdin)) {
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  process.stdout.write(`${JSON.stringify({ cpuMs: (user + system) / 1000, rss, heapUsed })}\n`)
}
await server.stop()
process.exit(0)
