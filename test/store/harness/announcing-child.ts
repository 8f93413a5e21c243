// Commits argv[3] events to argv[2] some time apart, and says each one's revision and when it was acknowledged.
import { setTimeout as sleep } from 'node:timers/promises'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { beat } from './events.ts'

const store = await openSqliteStore({ path: process.argv[2] ?? '' })
process.stdout.write('ready\n')
await new Promise(resolve => process.stdin.once('data', resolve))
for (let count = 0; count < Number(process.argv[3]); count += 1) {
  const result = await store.append('default', 'any', [beat()])
  if (result.outcome === 'appended') process.stdout.write(`${result.last} ${Date.now()}\n`)
  await sleep(5)
}
await store.close()
process.exit(0)
