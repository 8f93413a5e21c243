// One process of the benchmark `serve`: acquires and releases a lane of its own in a closed loop, so often as it is told.
import { createInterface } from 'node:readline'
import { openLedger } from '@holdfast/engine'

const [url = '', name = '', server = ''] = process.argv.slice(2)
const ledger = await openLedger(url, { compaction: { automatic: false }, server: server === 'served' })
process.stdout.write('ready\n')

for await (const line of createInterface(process.stdin)) {
  const rounds = Number(line)
  const waitsMs: number[] = []
  const beganAt = performance.now()
  let errors = 0
  for (let round = 0; round < rounds; round += 1) {
    const before = performance.now()
    const asked = await ledger.acquire({ lane: name, holder: name })
    const between = performance.now()
    if (asked.outcome === 'granted') await ledger.release({ lane: name, holder: name, token: asked.lease.token })
    else errors += 1
    waitsMs.push(between - before, performance.now() - between)
  }
  process.stdout.write(`${JSON.stringify({ errors, waitsMs, tookMs: performance.now() - beganAt })}\n`)
}
await ledger.close()
process.exit(0)
