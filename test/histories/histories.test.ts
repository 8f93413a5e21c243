import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { runs } from '../core/harness/properties.ts'
import { history } from './moves.ts'
import { inMemory, inSqlite } from './place.ts'
import { play } from './play.ts'

it.each([
  { name: 'memory', at: inMemory, plays: 100 },
  { name: 'SQLite', at: inSqlite, plays: 8 },
])(
  'two ledger objects in one process hold what the log says after every command, and so do CHECKPOINTs: $name',
  async ({ at, plays }) => {
    await fc.assert(
      fc.asyncProperty(history(20), async one => {
        expect(await play(one, at)).toEqual([])
      }),
      runs(plays),
    )
  },
)
