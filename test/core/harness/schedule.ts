import { describe } from 'vitest'
import type { Config } from './alphabet.ts'
import { CoreLedger } from './core-ledger.ts'

export interface Stage {
  readonly ledger: (config?: Partial<Config>) => CoreLedger
  readonly compacted: boolean
}

/** The schedules of docs/schedules.md are played as they stand, and once more (schedule 24) with a CHECKPOINT and nothing before it at every step. */
export function schedules(play: (stage: Stage) => void): void {
  describe.each([
    { title: 'as it stands', compacted: false },
    { title: 'compacted before every step (schedule 24)', compacted: true },
  ])('$title', ({ compacted }) => {
    play({ compacted, ledger: config => new CoreLedger({ ...(config && { config }), compactBetween: compacted }) })
  })
}
