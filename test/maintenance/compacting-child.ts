// Works on the ledger at argv[2] and compacts it again and again, and says each revision that it was granted. Begins
// when it is told to, and ends when it is killed; or at once, with argv[3] `warm`, which leaves its code compiled.
import { writeSync } from 'node:fs'
import { compactLedger } from '@holdfast/engine/maintenance'
import { openLeanLedger } from '@holdfast/engine/lean'

const ledger = await openLeanLedger(process.argv[2] ?? '', { actor: null })
say('ready')
if (process.argv[3] === 'warm') process.exit(0)
await new Promise(resolve => process.stdin.once('data', resolve))
for (let round = 0; ; round += 1) {
  const lane = `lane-${round % 5}`
  const answer = await ledger.acquire({ lane, holder: 'H', reason: 'x'.repeat((round * 37) % 900) })
  if (answer.outcome === 'granted') {
    say(String(answer.lease.token))
    await compactLedger(ledger)
    await ledger.release({ lane, holder: 'H', token: answer.lease.token })
  } else await releaseAll(lane)
}

/** What an earlier child held when it was killed. */
async function releaseAll(lane: string): Promise<void> {
  for (const lease of await ledger.leases()) {
    if (lease.lane === lane) await ledger.release({ lane, holder: 'H', token: lease.token })
  }
}

/** Written at once: what was said before a SIGKILL has been said. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}
