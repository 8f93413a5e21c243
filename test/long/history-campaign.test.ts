import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { runs } from '../core/harness/properties.ts'
import { history } from '../histories/moves.ts'
import { inMemory, inSqlite } from '../histories/place.ts'
import { play, played } from '../histories/play.ts'

const MOVES = 40

afterAll(() => console.log(`${played.commands} commands in ${played.histories} histories, verified after each`))

// `FC_RUNS_FACTOR` multiplies the plays, of some 20 commands each.
test.each([
  { name: 'memory', at: inMemory, plays: 5000 },
  { name: 'SQLite', at: inSqlite, plays: 300 },
])('long histories of two ledger objects in one process verify after every command: $name', async ({ at, plays }) => {
  await fc.assert(
    fc.asyncProperty(history(MOVES), async one => {
      expect(await play(one, at)).toEqual([])
    }),
    runs(plays),
  )
})
