// Opens argv[2] and says `opened`, or the code of the error.
import { StoreError } from '@holdfast/store'
import { openSqliteStore } from '@holdfast/store/sqlite'

try {
  await (await openSqliteStore({ path: process.argv[2] ?? '' })).close()
  process.stdout.write('opened\n')
} catch (error) {
  process.stdout.write(`${error instanceof StoreError ? error.code : String(error)}\n`)
}
