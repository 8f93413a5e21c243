// Commits to the ledger at argv[2], batches of 1 to 4 events, and says each revision that was acknowledged.
// argv[3]: how many commits, 0 for ever. Begins when it is told to.
import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openSqliteStore } from '@holdfast/store/sqlite'
import type { Head, NewEvent } from '@holdfast/store'

const [, , path = '', count = '0'] = process.argv
const store = await openSqliteStore({ path, lockDeadlineMs: 60_000 })
let head: Head = await store.head('default')
say('ready')
await new Promise(resolve => process.stdin.once('data', resolve))
for (let index = 0; count === '0' || index < Number(count); index += 1) {
  const { head: last }: { head: Head } = await store.commit('default', head, {
    absorb: () => undefined,
    decide: () => Array.from({ length: 1 + (index % 4) }, event),
  })
  head = last
  say(String(last))
}
await store.close()
process.exit(0)

/** Written at once: what was said before a SIGKILL has been said. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}

function event(): NewEvent {
  const data = { lane: 'api', leaseId: 'api@1', token: 1, reason: 'x'.repeat(Math.floor(Math.random() * 3000)) }
  return { eventId: randomUUID(), type: 'HEARTBEAT', schemaVersion: 1, actor: null, data }
}
