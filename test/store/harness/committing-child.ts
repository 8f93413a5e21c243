// Commits to the ledger at argv[2], batches of 1 to 4 events, and says each revision that was acknowledged.
// argv[3]: how many commits; without it for ever. argv[4] may ask for a planted fault. Begins when it is told to.
import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openSqliteStore } from '@holdfast/store/sqlite'
import type { Head, NewEvent } from '@holdfast/store'

const path = process.argv[2] ?? ''
const commits = Number(process.argv[3] ?? Infinity)
const acknowledgesEarly = process.argv[4] === 'acknowledge-early'
const store = await openSqliteStore({ path, lockDeadlineMs: 60_000 })
let head: Head = await store.head('default')
say('ready')
await new Promise(resolve => process.stdin.once('data', resolve))
for (let index = 0; index < commits; index += 1) {
  const { head: last }: { head: Head } = await store.commit('default', head, {
    absorb: () => undefined,
    decide: view => {
      const events = Array.from({ length: 1 + (index % 4) }, event)
      if (acknowledgesEarly) say(String((view.head === 'none' ? -1 : view.head) + events.length))
      return events
    },
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
