import { OVERLAP_PAIRS_MAX, OVERLAP_STEPS_MAX } from './bounds.ts'
import { IN_NAME, SEGMENT_START, shapeAfter, type PathShape } from './path-shape.ts'
import type { Place, Places } from './place.ts'
import { sharedCost, visitShared, type Choice } from './shared-edges.ts'
import { DOT, SLASH } from './unit-set.ts'

/** A place in each automaton that one beginning of a path leads to; `from` and `spelled` are how it was reached. */
type Pair = {
  readonly left: Place
  readonly right: Place
  readonly shape: PathShape
  readonly from: Pair | undefined
  readonly spelled: number
}

/** A segment that begins with a dot costs as much as three units: `a.ts` is a better witness than `.ts`. */
const DOT_FIRST_COST = 3

/**
 * Whether two regions share a path. `witness` is one such path, short rather than shortest, the same for the same regions.
 * `bounded` says that the search ended at a bound: overlap is assumed, which refuses rather than grants twice.
 */
export type Overlap =
  | { readonly overlap: false }
  | { readonly overlap: true; readonly witness?: string; readonly bounded?: true }

/** The answer, and what it took: `steps` is the measure that `OVERLAP_STEPS_MAX` bounds. */
export type Search = { readonly found: Overlap; readonly steps: number }

/**
 * Searches the product of two automata for a path that both accept, cheapest first, so that the witness is short.
 * Relative paths are tried before absolute ones. Exact unless `bounded`.
 */
export const searchShared = (left: Places, right: Places): Search => {
  const search = new SharedSearch({
    left: left.automaton.letters,
    right: right.automaton.letters,
    caseSensitive: left.automaton.caseSensitive,
  })
  const start = { left: left.start(), right: right.start() }
  search.add({ ...start, shape: SEGMENT_START, from: undefined, spelled: 0 }, 0)
  let found = search.run()
  if (found === undefined) {
    search.addAbsolute(start)
    found = search.run()
  }
  return { found: found ?? { overlap: false }, steps: search.steps }
}

class SharedSearch {
  steps = 0
  readonly #choice: Choice
  readonly #waiting: Pair[][] = []
  readonly #seen = new Set<number>()
  #pairs = 0

  constructor(choice: Choice) {
    this.#choice = choice
  }

  add(pair: Pair, cost: number): void {
    if (this.#seen.has(keyOf(pair))) return
    this.#pairs += 1
    const bucket = this.#waiting[cost]
    if (bucket === undefined) this.#waiting[cost] = [pair]
    else bucket.push(pair)
  }

  /** Adds what follows a leading slash. */
  addAbsolute({ left, right }: { readonly left: Place; readonly right: Place }): void {
    this.#waiting.length = 0
    visitShared(left.edges, right.edges, this.#choice, (unit, spelled, toLeft, toRight) => {
      if (unit === SLASH) this.add({ left: toLeft, right: toRight, shape: SEGMENT_START, from: undefined, spelled }, 0)
    })
  }

  /** Undefined when everything was seen without a shared path. */
  run(): Overlap | undefined {
    for (let cost = 0; cost < this.#waiting.length; cost += 1) {
      for (const pair of this.#waiting[cost] ?? []) {
        const key = keyOf(pair)
        if (this.#seen.has(key)) continue
        this.#seen.add(key)
        if (pair.shape === IN_NAME && pair.left.edges.accepts && pair.right.edges.accepts)
          return { overlap: true, witness: witnessOf(pair) }
        this.steps += pair.left.edges.cost + pair.right.edges.cost + sharedCost(pair.left.edges, pair.right.edges)
        if (this.steps > OVERLAP_STEPS_MAX || this.#pairs > OVERLAP_PAIRS_MAX) return { overlap: true, bounded: true }
        this.#expand(pair, cost)
      }
      this.#waiting[cost] = []
    }
    return undefined
  }

  #expand(pair: Pair, cost: number): void {
    visitShared(pair.left.edges, pair.right.edges, this.#choice, (unit, spelled, left, right) => {
      const shape = shapeAfter(pair.shape, unit)
      if (shape === undefined) return
      this.add(
        { left, right, shape, from: pair, spelled },
        cost + (unit === DOT && pair.shape === SEGMENT_START ? DOT_FIRST_COST : 1),
      )
    })
  }
}

const SHAPES = 4
const PLACES_LIMIT = 2 ** 25

const keyOf = ({ left, right, shape }: Pair): number => (left.id * PLACES_LIMIT + right.id) * SHAPES + shape

const witnessOf = (last: Pair): string => {
  const units: number[] = []
  for (let pair: Pair | undefined = last; pair !== undefined; pair = pair.from)
    if (pair.spelled !== 0) units.push(pair.spelled)
  return units
    .reverse()
    .map(unit => String.fromCharCode(unit))
    .join('')
}
