import {
  callLine,
  commandLine,
  flagWords,
  withoutFlags,
  type CommandLines,
  type FlagValues,
} from './answers/command-lines.ts'

/** A line as somebody typed it elsewhere, with the flags that say which ledger it means there. */
export class SentLine implements CommandLines {
  readonly #words: readonly string[]
  readonly #place: FlagValues

  constructor(words: readonly string[], place: FlagValues) {
    this.#words = words
    this.#place = place
  }

  again(flags: FlagValues = {}): string {
    const end = this.#words.indexOf('--')
    const own = end === -1 ? this.#words : this.#words.slice(0, end)
    const rest = end === -1 ? [] : this.#words.slice(end)
    return commandLine([...withoutFlags(own, flags), ...flagWords(flags), ...rest])
  }

  has(flag: string): boolean {
    return this.#words.some(word => word === `--${flag}` || word.startsWith(`--${flag}=`))
  }

  call(command: string, positional: readonly string[], flags: FlagValues = {}): string {
    return callLine(command, positional, [...flagWords(flags), ...flagWords(this.#place)])
  }
}
