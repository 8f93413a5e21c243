import { openSqliteStore } from '@holdfast/store/sqlite'
import { expect, it } from 'vitest'

it('a folder that cannot be made is said so, at once', { skip: process.platform !== 'linux' }, async () => {
  const opening = openSqliteStore({ path: '/proc/no-such-process/ledger/l.db' })
  await expect(opening).rejects.toMatchObject({ code: 'unavailable' })
})
