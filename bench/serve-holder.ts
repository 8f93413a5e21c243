// One process of `serve-load -- idle`: holds leases that beat every 30 s, until its input ends.
import { openLedger } from '@holdfast/engine'

const [url = '', name = '', count = '0'] = process.argv.slice(2)
const ledger = await openLedger(url, { compaction: { automatic: false } })
for (let lease = 0; lease < Number(count); lease += 1) {
  const asked = await ledger.hold({ lane: `${name}-${lease}`, holder: name, ttl: '2m', beatEvery: '30s' })
  if (asked.outcome !== 'granted') throw new Error(asked.outcome)
}
process.stdout.write('ready\n')
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
