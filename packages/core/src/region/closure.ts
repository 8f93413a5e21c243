import type { OnlyUnit, State } from './automaton.ts'
import { mayEnd, OBLIGATION_SETS, oblige, permitted, type Situation } from './obligation.ts'
import type { UnitSet } from './unit-set.ts'

/** One way on: take a unit of `set` (`only` that one, where the glob has it itself) and be in `situation`. */
export type Taking = {
  readonly set: UnitSet
  readonly only: OnlyUnit | undefined
  readonly situation: Situation
}

/** Everything that can be taken next from some situations, whether a path may end there, and how many situations that touched. */
export type Closure = { readonly accepts: boolean; readonly takings: readonly Taking[]; readonly visited: number }

/** Follows forks and lookaheads, which take nothing. The order is that of the globs: first come, first listed. */
export const closure = (states: readonly State[], from: Iterable<Situation>): Closure => {
  const pending = [...from].reverse()
  const visited = new Set<Situation>()
  const takings: Taking[] = []
  let accepts = false
  for (let situation = pending.pop(); situation !== undefined; situation = pending.pop()) {
    if (visited.has(situation)) continue
    visited.add(situation)
    const obligations = situation % OBLIGATION_SETS
    const state = states[(situation - obligations) / OBLIGATION_SETS]
    switch (state?.is) {
      case 'take':
        if (obligations === 0) takings.push({ set: state.set, only: state.only, situation: state.to * OBLIGATION_SETS })
        else
          for (const { set, left } of permitted(state.set, obligations)) {
            takings.push({ set, only: state.only, situation: state.to * OBLIGATION_SETS + left })
          }
        break
      case 'fork':
        for (const to of state.to.toReversed()) pending.push(to * OBLIGATION_SETS + obligations)
        break
      case 'require':
        pending.push(state.to * OBLIGATION_SETS + oblige(obligations, state.what))
        break
      case 'accept':
        accepts ||= mayEnd(obligations)
        break
      case 'dead':
      case undefined: // Each `to` is the number of a state, which its type does not say.
    }
  }
  return { accepts, takings, visited: visited.size }
}
