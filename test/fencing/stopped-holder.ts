// Holds a lease, is stopped inside its guard, and writes when it goes on.
//   node stopped-holder.ts STORE SAMPLES FOLDER URL
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openLeanLedger } from '@holdfast/engine/lean'
import { loadSamples } from './samples.ts'

const [store = '', samples = '', folder = '', url = ''] = process.argv.slice(2)
const { saveFile, saveRow, saveRemote } = await loadSamples(samples)
await using ledger = await openLeanLedger(store)
const asked = await ledger.hold({ lane: 'document', holder: 'stopped', ttl: '1s' })
if (asked.outcome !== 'granted') throw new Error(asked.outcome)

const accepted = await asked.lease.guard(async token => {
  // Here it would be suspended by anything: the check is behind it, the effect before it.
  process.kill(process.pid, 'SIGSTOP')
  const write = { token, text: 'stale' }
  writeFileSync(join(folder, 'plain'), 'stale')
  using database = new DatabaseSync(join(folder, 'rows.db'))
  return {
    file: saveFile(folder, 'fenced', write),
    row: saveRow(database, 'a', write),
    request: await saveRemote(url, write),
  }
})
const again = await asked.lease.guard(() => 'started').catch((error: unknown) => String(error))
process.stdout.write(JSON.stringify({ accepted, again }))
