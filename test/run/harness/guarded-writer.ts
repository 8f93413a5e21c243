// Holds a lane and appends its token to a file, under its guard, until the lease is lost.
//   node guarded-writer.ts STORE LANE FILE [BLOCK_MS]
// With BLOCK_MS it blocks its event loop once for so long, right after its first write.
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { LeaseLostError, openLedger } from '@holdfast/engine'

const [store = '', lane = '', file = '', blockMs = '0'] = process.argv.slice(2)
const ledger = await openLedger(store)
const asked = await ledger.hold({ lane, holder: `writer-${process.pid}`, wait: '30s' })
if (asked.outcome !== 'granted') throw new Error(JSON.stringify(asked))
let left = Number(blockMs)
try {
  for (;;) {
    await asked.lease.guard(token => appendFileSync(file, `${token}\n`))
    if (left > 0) {
      const until = performance.now() + left
      left = 0
      while (performance.now() < until);
    }
    await sleep(20)
  }
} catch (error) {
  if (!(error instanceof LeaseLostError)) throw error
  console.log(`lost: ${error.code}`)
}
await ledger.close()
