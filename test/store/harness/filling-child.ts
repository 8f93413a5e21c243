// Appends to argv[2] until that fails; says the last revision acknowledged, the error's code, and the head after it.
import { StoreError } from '@holdfast/store'
import { openSqliteStore } from '@holdfast/store/sqlite'
import { beat } from './events.ts'

const store = await openSqliteStore({ path: process.argv[2] ?? '' })
let acknowledged: number | 'none' = 'none'
try {
  for (;;) {
    const result = await store.append('default', 'any', [beat('x'.repeat(3000))])
    if (result.outcome === 'appended') acknowledged = result.last
  }
} catch (error) {
  process.stdout.write(`${acknowledged}\n${error instanceof StoreError ? error.code : String(error)}\n`)
}
process.stdout.write(`${await store.head('default')}\n`)
await store.close()
