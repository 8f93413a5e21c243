import { appendingChecks } from './contract/appending.ts'
import { committingChecks } from './contract/committing.ts'
import { compactingChecks } from './contract/compacting.ts'
import type { ContractCheck } from './contract/contract-check.ts'
import { keepingChecks } from './contract/keeping.ts'
import { readingChecks } from './contract/reading.ts'
import { subscribingChecks } from './contract/subscribing.ts'

export type { ContractCheck, OpenedStore, StoreFactory } from './contract/contract-check.ts'

/**
 * What every store must do, one named check for each promise; no test framework needed:
 *
 *     for (const { name, run } of STORE_CONTRACT) test(name, () => run(factory))
 *
 * Passing says that an adapter keeps the port's promises in one process and over several connections. Durability
 * (crashes, damaged files, lost answers) is each adapter's own to prove.
 */
export const STORE_CONTRACT: readonly ContractCheck[] = [
  ...appendingChecks,
  ...committingChecks,
  ...readingChecks,
  ...subscribingChecks,
  ...keepingChecks,
  ...compactingChecks,
]
