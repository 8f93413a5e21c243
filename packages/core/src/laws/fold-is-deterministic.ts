import type { LogEntry } from '../log-entry.ts'
import { compare, different, type Comparison } from './comparison.ts'
import { foldWith, type Folding } from './folding.ts'

/** Law 1: `fold` is total (it takes any log without throwing) and deterministic. test/core/law-01. */
export function foldIsDeterministic<S>(folding: Folding<S>, entries: readonly LogEntry[]): Comparison {
  try {
    const once = folding.view(foldWith(folding, entries))
    return compare(once, folding.view(foldWith(folding, entries)))
  } catch (error) {
    return different('$ (the fold threw)', 'a state', error)
  }
}
