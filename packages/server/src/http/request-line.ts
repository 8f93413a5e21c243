import {
  callLine,
  commandLine,
  flagWords,
  withoutFlags,
  type CommandLines,
  type FlagValues,
} from '../answers/command-lines.ts'

/** Where the suggested lines are to work. */
export interface LinePlace {
  readonly store: string
  readonly ledger: string
}

/** A request as the line that would ask for the same, to suggest others by: each names the store and the ledger. */
export class RequestLine implements CommandLines {
  readonly #words: readonly string[]
  readonly #place: readonly string[]

  constructor(words: readonly string[], { store, ledger }: LinePlace) {
    this.#words = words
    this.#place = flagWords({ store, ...(ledger === 'default' ? {} : { ledger }) })
  }

  again(flags: FlagValues = {}): string {
    const end = this.#words.indexOf('--')
    const own = end === -1 ? this.#words : this.#words.slice(0, end)
    const rest = end === -1 ? [] : this.#words.slice(end)
    return commandLine([...withoutFlags(own, flags), ...this.#place, ...flagWords(flags), ...rest])
  }

  has(flag: string): boolean {
    return this.#words.some(word => word === `--${flag}` || word.startsWith(`--${flag}=`))
  }

  call(command: string, positional: readonly string[], flags: FlagValues = {}): string {
    return callLine(command, positional, [...flagWords(flags), ...this.#place])
  }
}

type Value = string | number | boolean | readonly string[] | undefined

/** The words of a command: its argument, then its flags, each as often as it has values. */
export function wordsOf(command: string, argument: string, flags: Readonly<Record<string, Value>>): readonly string[] {
  const words = Object.entries(flags).flatMap(([name, value]) => {
    if (value === undefined || value === false) return []
    if (value === true) return [`--${name}`]
    const values = typeof value === 'object' ? value : [String(value)]
    return values.flatMap(one => flagWords({ [name]: one }))
  })
  return argument.startsWith('-') ? [command, ...words, '--', argument] : [command, argument, ...words]
}
