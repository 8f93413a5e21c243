// Works on the ledger at argv[2], which is compacted by itself meanwhile, and says each revision that it was granted.
// Begins when it is told to, and ends when it is killed; or at once, with argv[3] `warm`, which leaves its code compiled.
import { writeSync } from 'node:fs'
import { openLedger } from '@holdfast/engine'

const LANES = 20

// Looks come one after the other below, and not with the time.
const compaction = { eventsMax: 100, everyMs: 3_600_000 }
const ledger = await openLedger(process.argv[2] ?? '', { actor: null, compaction })
say('ready')
if (process.argv[3] === 'warm') process.exit(0)
await new Promise(resolve => process.stdin.once('data', resolve))
for (;;) {
  const looking = ledger.compaction.look()
  const lanes = Array.from({ length: LANES }, (_, index) => `lane-${process.pid}-${index}`)
  const answers = await Promise.all(lanes.map(lane => ledger.acquire({ lane, holder: 'H' })))
  const leases = answers.flatMap(answer => (answer.outcome === 'granted' ? [answer.lease] : []))
  for (const { token } of leases) say(String(token))
  await Promise.all(leases.map(({ lane, token }) => ledger.release({ lane, holder: 'H', token })))
  await looking
}

/** Written at once: what was said before a SIGKILL has been said. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}
