import type { Leaf } from './atom.ts'
import { OBLIGATION_SETS, type Requirement, type Situation } from './obligation.ts'
import type { Expression } from './expression.ts'
import { foldUnit } from './fold-case.ts'
import { complement, foldSet, NOT_LINE_END, NOT_SLASH, singleUnit, type UnitSet } from './unit-set.ts'

/** A state of the nondeterministic automaton; `to` are the numbers of the next ones. */
export type State =
  | {
      readonly is: 'take'
      readonly set: UnitSet
      /** The only unit of `set`, where the glob has that unit itself, and how the glob writes it. */
      readonly only: { readonly unit: number; readonly spelled: number } | undefined
      readonly to: number
    }
  | { readonly is: 'fork'; readonly to: readonly number[] }
  | { readonly is: 'require'; readonly what: Requirement; readonly to: number }
  | { readonly is: 'accept' | 'dead' }

/** One automaton for all globs of a region. It reads paths whose units are folded when the region ignores case. */
export type Automaton = {
  readonly states: readonly State[]
  /** The situation before the first unit. */
  readonly entry: Situation
  /** Some letters and digits of the globs, for witnesses where any would do. Folded when case is ignored. */
  readonly letters: readonly number[]
  readonly caseSensitive: boolean
}

/** Builds the automaton from the end backwards (Thompson's construction); its size is proportional to the globs'. */
export const buildAutomaton = (
  expressions: readonly Expression[],
  { caseSensitive }: { readonly caseSensitive: boolean },
): Automaton => {
  const builder = new StateBuilder({ caseSensitive })
  const first = builder.choice(expressions, ACCEPT)
  return { states: builder.states, entry: first * OBLIGATION_SETS, letters: builder.letters(), caseSensitive }
}

const ACCEPT = 0
const DEAD = 1

class StateBuilder {
  readonly states: State[] = [{ is: 'accept' }, { is: 'dead' }]
  readonly #caseSensitive: boolean
  readonly #foldedSets = new Map<string, UnitSet>()

  constructor({ caseSensitive }: { readonly caseSensitive: boolean }) {
    this.#caseSensitive = caseSensitive
  }

  choice(options: readonly Expression[], next: number): number {
    return this.#add({ is: 'fork', to: options.map(option => this.#build(option, next)) })
  }

  letters(): readonly number[] {
    const found = new Set<number>()
    for (let at = this.states.length - 1; at >= 0 && found.size < OWN_LETTERS_MAX; at -= 1) {
      const state = this.states[at]
      if (state?.is !== 'take' || state.only === undefined) continue
      if (isLetterOrDigit(state.only.unit)) found.add(state.only.unit)
    }
    return [...found]
  }

  #folded(unit: number): number {
    return this.#caseSensitive ? unit : foldUnit(unit)
  }

  #foldedMembers(members: UnitSet): UnitSet {
    if (this.#caseSensitive) return members
    const key = members.join()
    const known = this.#foldedSets.get(key)
    if (known !== undefined) return known
    const folded = foldSet(members)
    this.#foldedSets.set(key, folded)
    return folded
  }

  #add(state: State): number {
    return this.states.push(state) - 1
  }

  #build(expression: Expression, next: number): number {
    switch (expression.is) {
      case 'leaf':
        return this.#leaf(expression.leaf, next)
      case 'sequence':
        return expression.parts.reduceRight((to, part) => this.#build(part, to), next)
      case 'choice':
        return this.choice(expression.options, next)
      case 'repeated':
        return this.#loop(again => this.#build(expression.part, again), { next, atLeastOnce: true })
    }
  }

  #leaf(leaf: Leaf, next: number): number {
    switch (leaf.is) {
      case 'unit': {
        const unit = this.#folded(leaf.unit)
        return this.#add({ is: 'take', set: singleUnit(unit), only: { unit, spelled: leaf.unit }, to: next })
      }
      case 'class': {
        const members = this.#foldedMembers(leaf.members)
        return this.#take(leaf.negated ? complement(members) : members, next)
      }
      case 'any':
        return this.#take(leaf.but === 'slash' ? NOT_SLASH : NOT_LINE_END, next)
      case 'many': {
        const set = leaf.but === 'slash' ? NOT_SLASH : NOT_LINE_END
        return this.#loop(again => this.#take(set, again), { next, atLeastOnce: false })
      }
      case 'some-ahead':
      case 'name-ahead':
      case 'end':
        return this.#add({ is: 'require', what: leaf.is, to: next })
      case 'never':
        return DEAD
      case 'nothing':
        return next
    }
  }

  #take(set: UnitSet, to: number): number {
    return this.#add({ is: 'take', set, only: undefined, to })
  }

  #loop(
    build: (again: number) => number,
    { next, atLeastOnce }: { readonly next: number; readonly atLeastOnce: boolean },
  ): number {
    const again = this.#add({ is: 'dead' })
    const first = build(again)
    this.states[again] = { is: 'fork', to: [first, next] }
    return atLeastOnce ? first : again
  }
}

/** Letters of its own globs that an automaton suggests for witnesses; more would only slow the choice. */
const OWN_LETTERS_MAX = 8

const isLetterOrDigit = (unit: number): boolean =>
  (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x30 && unit <= 0x39)
