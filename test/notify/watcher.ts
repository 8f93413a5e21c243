import { LedgerFold } from '@holdfast/projections'
import { Causes, NO_MEMORY, type CauseMemory } from '../../packages/server/src/notify/causes.ts'
import { causeId, type Cause } from '../../packages/server/src/notify/cause.ts'
import type { Sight } from '../../packages/server/src/notify/conditions.ts'
import { SETTINGS, type World } from './history.ts'

export const SPAN_MS = 12_000

/** Servers that are to be caught: one that forgets, one that writes down what begins and not what ends, one that begins at the head. */
export type Mutant = 'forgets' | 'keeps-no-ends' | 'skips' | null

interface File {
  readonly memory: CauseMemory
  readonly after: number
}

/** One server after the other, with the file that each leaves to the next, as `LedgerNotices` writes it. */
export class Watcher {
  readonly told: Cause[] = []
  /** Looks that counted, and the starts of servers in between. */
  readonly seen: (Sight | 'start')[] = []
  readonly #world: World
  readonly #mutant: Mutant
  #file: File = { memory: NO_MEMORY, after: -1 }
  #fold = new LedgerFold()
  #causes = new Causes({ haltOverdueMs: SETTINGS.haltOverdueMs, refusedForMs: [SPAN_MS] })
  #isUp = false

  constructor(world: World, mutant: Mutant) {
    this.#world = world
    this.#mutant = mutant
  }

  /** Of the newest look. */
  get nowMs(): Sight['nowMs'] {
    const newest = this.seen.at(-1)
    if (newest === undefined || newest === 'start') throw new Error('nobody has looked')
    return newest.nowMs
  }

  get ids(): readonly string[] {
    return this.told.map(cause => causeId('ledger', cause))
  }

  /** `isLost`: it is killed before any of it is written down. */
  async look({ isLost }: { readonly isLost: boolean }): Promise<void> {
    this.#start()
    this.#read(isLost)
    const sight = await this.#world.sight(this.#fold.state)
    const { changes } = this.#causes
    const causes = this.#causes.look(sight)
    if (isLost) return this.crash()
    this.seen.push(sight)
    if (causes.length > 0 || (this.#causes.changes > changes && this.#mutant !== 'keeps-no-ends')) this.#keep()
    this.told.push(...causes)
  }

  crash(): void {
    this.#isUp = false
  }

  stop(): void {
    if (this.#isUp) this.#keep()
    this.#isUp = false
  }

  #start(): void {
    if (this.#isUp) return
    this.#isUp = true
    const { memory, after } = this.#file
    const begin = this.#mutant === 'skips' ? Number.POSITIVE_INFINITY : after
    this.#fold = new LedgerFold()
    this.#fold.absorb(this.#world.log.filter(({ revision }) => revision <= begin))
    const kept = this.#mutant === 'forgets' ? NO_MEMORY : structuredClone(memory)
    this.#causes = new Causes({ haltOverdueMs: SETTINGS.haltOverdueMs, refusedForMs: [SPAN_MS] }, kept)
    this.seen.push('start')
  }

  #read(isLost: boolean): void {
    for (const entry of this.#world.log) {
      if (entry.revision <= this.#fold.state.head) continue
      const causes = this.#causes.entry(this.#fold.state, entry)
      this.#fold.absorb([entry])
      if (isLost || causes.length === 0) continue
      this.#keep()
      this.told.push(...causes)
    }
  }

  #keep(): void {
    this.#file = structuredClone({ memory: this.#causes.memory, after: this.#fold.state.head })
  }
}
