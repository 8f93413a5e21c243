/**
 * A bounded cache that keeps a value from the second time on that its key is offered. What is named once costs no memory
 * that outlives it, and what comes back again and again is made twice. (A doorkeeper, as TinyLFU has one: Einziger,
 * Friedman and Manes, 2017.) Full, it forgets everything and begins anew.
 */
export class DoorkeeperCache<Value> {
  readonly #lengthMax: number
  readonly #kept = new Map<string, Value>()
  readonly #offeredOnce = new Set<string>()
  #keptLength = 0
  #onceLength = 0

  /** `lengthMax`: most characters of the keys that are kept, an entry counting as `ENTRY_LENGTH` more; as many again of those offered once. */
  constructor({ lengthMax }: { readonly lengthMax: number }) {
    this.#lengthMax = lengthMax
  }

  get(key: string): Value | undefined {
    return this.#kept.get(key)
  }

  /** Hands over a value that was made for a key not kept. */
  offer(key: string, value: Value): void {
    if (this.#offeredOnce.delete(key)) {
      this.#onceLength -= lengthOf(key)
      this.#keep(key, value)
    } else this.#rememberOnce(key)
  }

  #keep(key: string, value: Value): void {
    if (this.#keptLength + lengthOf(key) > this.#lengthMax) {
      this.#kept.clear()
      this.#keptLength = 0
    }
    this.#kept.set(key, value)
    this.#keptLength += lengthOf(key)
  }

  #rememberOnce(key: string): void {
    if (lengthOf(key) > this.#lengthMax) return
    if (this.#onceLength + lengthOf(key) > this.#lengthMax) {
      this.#offeredOnce.clear()
      this.#onceLength = 0
    }
    this.#offeredOnce.add(key)
    this.#onceLength += lengthOf(key)
  }
}

/** What an entry costs beside its key, in characters: very short keys too must not become too many. */
const ENTRY_LENGTH = 64
const lengthOf = (key: string): number => key.length + ENTRY_LENGTH
