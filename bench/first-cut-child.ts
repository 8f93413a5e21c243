// Commits to the ledger at argv[2] again and again, until its input ends; says then how long the slowest took, and how many.
import { setTimeout as sleep } from 'node:timers/promises'
import { openLedger } from '@holdfast/engine'

const PAUSE_MS = 5

await using ledger = await openLedger(process.argv[2] ?? '', { compaction: { automatic: false } })
await ledger.halt({ handle: 'other' })
const ended = new AbortController()
process.stdin.once('end', () => ended.abort()).resume()
console.log('ready')
let slowestMs = 0
let commits = 0
while (!ended.signal.aborted) {
  const startedMs = performance.now()
  await ledger.halt({ handle: 'other' })
  slowestMs = Math.max(slowestMs, performance.now() - startedMs)
  commits += 1
  await sleep(PAUSE_MS)
}
console.log(`${Math.round(slowestMs)} ${commits}`)
