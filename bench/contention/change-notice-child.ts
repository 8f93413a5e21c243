// The committer that `change-notice.ts` starts: commits at random times and tells when each commit had returned.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSqliteStore } from '../../packages/store/src/sqlite.ts'

const [path = '', commits = '0'] = process.argv.slice(2)
const SPACING_MAX_MS = 10

await using store = await openSqliteStore({ path })
await once(process.stdin, 'data')
process.stdin.destroy()
for (let count = 0; count < Number(commits); count += 1) {
  const data = { lane: 'api', leaseId: 'api@1', token: 1, reason: '' }
  await store.append('default', 'any', [
    { eventId: randomUUID(), type: 'HEARTBEAT', schemaVersion: 1, actor: null, data },
  ])
  const [seconds, nanoseconds] = process.hrtime()
  process.stdout.write(`${seconds * 1000 + nanoseconds / 1e6}\n`)
  await sleep(Math.random() * SPACING_MAX_MS)
}
