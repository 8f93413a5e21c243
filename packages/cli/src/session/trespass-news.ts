import type { EpochMs } from '@holdfast/core'
import type { Trespass } from '@holdfast/engine/sessions'
import { instantOf } from '@holdfast/projections'
import { trespassesAbout } from '../trespass/trespass-log.ts'
import { databaseOf } from '../trespass/watch-file.ts'

/** How long a trespass is news. */
const NEWS_MS = 24 * 60 * 60 * 1000

/** Calls whose trespasses are told of. */
const CALLS_MAX = 64

/** The trespasses that a holder has to hear of, one for each call and owner. That none can be read is no fault of the call. */
export function trespassesFor(storeUrl: string, holder: string, nowMs: EpochMs): readonly Trespass[] {
  const database = databaseOf(storeUrl)
  if (database === null) return []
  try {
    const since = instantOf(Math.max(0, nowMs - NEWS_MS))
    const calls = Map.groupBy(trespassesAbout(database, holder, since), ({ at, by, holder: owner }) =>
      JSON.stringify([at, by, owner]),
    )
    return [...calls.values()].slice(-CALLS_MAX).flatMap(files => {
      const [first] = files
      return first === undefined ? [] : [{ at: first.at, by: first.by, holder: first.holder, files }]
    })
  } catch {
    return []
  }
}
