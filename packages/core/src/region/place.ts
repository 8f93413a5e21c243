import type { Automaton } from './automaton.ts'
import { REGION_EDGES_KEPT_MAX } from './bounds.ts'
import { closure } from './closure.ts'
import type { Situation } from './obligation.ts'
import type { UnitSet } from './unit-set.ts'

/** An edge that takes exactly one unit; `spelled` is how a glob wrote it. */
export type UnitEdge = { readonly unit: number; readonly spelled: number; readonly to: Place }
/** An edge that takes any unit of a set. */
export type SetEdge = { readonly set: UnitSet; readonly to: Place }
/** What leads on from a place: unit edges ascending with one per unit, set edges in the order of the globs. */
export type Edges = {
  readonly accepts: boolean
  readonly units: readonly UnitEdge[]
  readonly sets: readonly SetEdge[]
  /** The work of making them, which every visit is charged, made or remembered. */
  readonly cost: number
}

const NONE: readonly never[] = []

/**
 * Where a search through an automaton stands: several situations at once, because edges that take the same single unit
 * are joined. So a thousand alternatives are read as one tree of their letters, while stars stay apart, which keeps the
 * number of places small where a full determinisation would explode.
 */
export class Place {
  readonly id: number
  readonly #situations: readonly Situation[]
  readonly #places: Places
  #edges: Edges | undefined

  constructor({
    id,
    situations,
    places,
  }: {
    readonly id: number
    readonly situations: readonly Situation[]
    readonly places: Places
  }) {
    this.id = id
    this.#situations = situations
    this.#places = places
  }

  /** Made when first asked for. */
  get edges(): Edges {
    this.#edges ??= this.#explore()
    return this.#edges
  }

  #explore(): Edges {
    const { accepts, takings, visited } = closure(this.#places.automaton.states, this.#situations)
    this.#places.keep(takings.length)
    const cost = visited + takings.length
    const [first] = takings
    if (takings.length === 1 && first?.only !== undefined) {
      const { unit, spelled } = first.only
      return { accepts, units: [{ unit, spelled, to: this.#places.at([first.situation]) }], sets: NONE, cost }
    }
    const joined = new Map<number, { readonly spelled: number; readonly situations: Set<Situation> }>()
    const sets: SetEdge[] = []
    for (const { set, only, situation } of takings) {
      const known = only === undefined ? undefined : joined.get(only.unit)
      if (only === undefined) sets.push({ set, to: this.#places.at([situation]) })
      else if (known === undefined) joined.set(only.unit, { spelled: only.spelled, situations: new Set([situation]) })
      else known.situations.add(situation)
    }
    const units = [...joined]
      .sort(([left], [right]) => left - right)
      .map(([unit, { spelled, situations }]) => ({ unit, spelled, to: this.#places.at([...situations]) }))
    return { accepts, units, sets, cost }
  }
}

/** The places of one automaton, made as searches get there and kept for later ones, within `REGION_EDGES_KEPT_MAX`. */
export class Places {
  readonly automaton: Automaton
  #known = new Map<Situation | string, Place>()
  #edges = 0

  constructor(automaton: Automaton) {
    this.automaton = automaton
  }

  /** The place before the first unit. Called once a search; what earlier ones left goes when it is too much. */
  start(): Place {
    if (this.#edges > REGION_EDGES_KEPT_MAX) {
      this.#known = new Map()
      this.#edges = 0
    }
    return this.at([this.automaton.entry])
  }

  /** The place that stands for these situations. */
  at(situations: readonly Situation[]): Place {
    const [only] = situations
    const key = only !== undefined && situations.length === 1 ? only : situations.join()
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const place = new Place({ id: this.#known.size, situations, places: this })
    this.#known.set(key, place)
    return place
  }

  /** Counts edges that a place has come to hold. */
  keep(edges: number): void {
    this.#edges += edges
  }
}
