import { OBLIGATION_SETS, type Requirement, type Situation } from './obligation.ts'
import type { Expression } from './expression.ts'
import { foldUnit } from './fold-case.ts'
import { complement, EVERY_UNIT, foldSet, NOT_SLASH, singleUnit, type UnitSet } from './unit-set.ts'

/** A unit that a glob has itself, folded when the region ignores case, how the glob writes it, and the set of it alone. */
export type OnlyUnit = { readonly unit: number; readonly spelled: number; readonly set: UnitSet }

/** A state of the nondeterministic automaton; `to` are the numbers of the next ones. */
export type State =
  | {
      readonly is: 'take'
      readonly set: UnitSet
      readonly only: OnlyUnit | undefined
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
      case 'sequence':
        return expression.parts.reduceRight((to, part) => this.#build(part, to), next)
      case 'choice':
        return this.choice(expression.options, next)
      case 'repeated':
        return this.#loop(again => this.#build(expression.part, again), { next, atLeastOnce: true })
      case 'text':
        return this.#text(expression.text, next)
      case 'class': {
        const members = this.#foldedMembers(expression.members)
        return this.#take(expression.negated ? complement(members) : members, next)
      }
      case 'any':
        return this.#take(expression.but === 'slash' ? NOT_SLASH : EVERY_UNIT, next)
      case 'many': {
        const set = expression.but === 'slash' ? NOT_SLASH : EVERY_UNIT
        return this.#loop(again => this.#take(set, again), { next, atLeastOnce: false })
      }
      case 'some-ahead':
      case 'name-ahead':
      case 'end':
        return this.#add({ is: 'require', what: expression.is, to: next })
      case 'never':
        return DEAD
      case 'nothing':
        return next
    }
  }

  #text(text: string, next: number): number {
    let to = next
    for (let at = text.length - 1; at >= 0; at -= 1) {
      const only = onlyUnit(text.charCodeAt(at), this.#caseSensitive)
      to = this.#add({ is: 'take', set: only.set, only, to })
    }
    return to
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

const makeOnlyUnit = (spelled: number, caseSensitive: boolean): OnlyUnit => {
  const unit = caseSensitive ? spelled : foldUnit(spelled)
  return { unit, spelled, set: singleUnit(unit) }
}

const ASCII_LIMIT = 0x80
const ASCII = Array.from({ length: ASCII_LIMIT }, (_, unit) => unit)
const ASCII_UNITS = ASCII.map(unit => makeOnlyUnit(unit, true))
const ASCII_UNITS_FOLDED = ASCII.map(unit => makeOnlyUnit(unit, false))

/** Nearly all units of globs are ASCII: those are made once, not for every letter of every glob. */
const onlyUnit = (spelled: number, caseSensitive: boolean): OnlyUnit =>
  (caseSensitive ? ASCII_UNITS : ASCII_UNITS_FOLDED)[spelled] ?? makeOnlyUnit(spelled, caseSensitive)

/** Letters of its own globs that an automaton suggests for witnesses; more would only slow the choice. */
const OWN_LETTERS_MAX = 8

const isLetterOrDigit = (unit: number): boolean =>
  (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x30 && unit <= 0x39)
