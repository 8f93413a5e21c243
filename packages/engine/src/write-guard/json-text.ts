/** A value in a JSON text, by its place. Positions are UTF-16 offsets, `end` exclusive. */
export type JsonNode =
  | { readonly kind: 'value'; readonly start: number; readonly end: number }
  | { readonly kind: 'object' | 'array'; readonly start: number; readonly end: number; readonly items: JsonItem[] }

/** An element, or a member with its key: `start` is where the key begins. */
export interface JsonItem {
  /** `null` for an element. */
  readonly key: string | null
  readonly start: number
  readonly value: JsonNode
}

/**
 * Where everything stands in a JSON text, so that one place can be changed and every other byte kept. The text must
 * have passed `JSON.parse`.
 */
export function locate(text: string): JsonNode {
  return new Scanner(text).value()
}

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): JsonNode {
    const opening = this.#next()
    if (opening === '{') return this.#container('object', '}')
    if (opening === '[') return this.#container('array', ']')
    const start = this.#at
    if (opening === '"') this.#string()
    else this.#take(/[^\s,\]}]+/y)
    return { kind: 'value', start, end: this.#at }
  }

  #container(kind: 'object' | 'array', closing: string): JsonNode {
    const start = this.#at
    this.#at += 1
    const items: JsonItem[] = []
    while (this.#next() !== closing) {
      const itemStart = this.#at
      const key = kind === 'object' ? this.#key() : null
      items.push({ key, start: itemStart, value: this.value() })
      if (this.#next() === ',') this.#at += 1
    }
    this.#at += 1
    return { kind, start, end: this.#at, items }
  }

  #key(): string {
    const key: unknown = JSON.parse(this.#string())
    this.#take(/\s*:/y)
    return String(key)
  }

  #string(): string {
    return this.#take(/"(?:[^"\\]|\\.)*"/y)
  }

  /** The next character that is no white space. */
  #next(): string {
    this.#take(/\s*/y)
    return this.#text.charAt(this.#at)
  }

  #take(pattern: RegExp): string {
    const sticky = new RegExp(pattern)
    sticky.lastIndex = this.#at
    const [taken] = sticky.exec(this.#text) ?? []
    if (taken === undefined) throw new Error(`no JSON at character ${this.#at + 1}`)
    this.#at += taken.length
    return taken
  }
}
