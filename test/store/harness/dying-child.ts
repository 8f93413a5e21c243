// Commits one event to argv[2] and dies right after the commit, before the witness and the notice are written.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { beat } from './events.ts'

const store = await openSqliteStore({ path: process.argv[2] ?? '' })
fs.writeSync = () => {
  process.kill(process.pid, 'SIGKILL')
  return 0
}
syncBuiltinESMExports()
await store.append('default', 'any', [beat()])
