import { shellWord } from '../print/shell-word.ts'
import type { Globals } from './globals.ts'

/** Flags by name: a value, or `true` for one that stands alone. */
export type FlagValues = Readonly<Record<string, string | true>>

/** What was typed, and lines that can be typed next: each works when it is pasted where the first one was typed. */
export class TypedLine {
  readonly #args: readonly string[]
  readonly #globals: () => Globals

  constructor(args: readonly string[], globals: () => Globals) {
    this.#args = args
    this.#globals = globals
  }

  /** The same line with these flags, in place of the ones that it had of that name. */
  again(flags: FlagValues = {}): string {
    const end = this.#args.indexOf('--')
    const own = end === -1 ? this.#args : this.#args.slice(0, end)
    const rest = end === -1 ? [] : this.#args.slice(end)
    return line([...without(own, flags), ...flagWords(flags), ...rest])
  }

  /** Whether a flag was typed. */
  has(flag: string): boolean {
    return this.#args.some(arg => arg === `--${flag}` || arg.startsWith(`--${flag}=`))
  }

  /** Another command on the same ledger. */
  call(command: string, positional: readonly string[], flags: FlagValues = {}): string {
    const { store, ledger } = this.#globals()
    const place = { ...(store === undefined ? {} : { store }), ...(ledger === 'default' ? {} : { ledger }) }
    const words = [...flagWords(flags), ...flagWords(place)]
    // What begins like a flag is an argument only behind `--`.
    const isPlain = positional.every(word => !word.startsWith('-'))
    return line(isPlain ? [command, ...positional, ...words] : [command, ...words, '--', ...positional])
  }
}

function without(args: readonly string[], flags: FlagValues): string[] {
  const kept: string[] = []
  for (let place = 0; place < args.length; place += 1) {
    const arg = args[place] ?? ''
    const named = Object.keys(flags).find(name => arg === `--${name}` || arg.startsWith(`--${name}=`))
    if (named === undefined) kept.push(arg)
    else if (arg === `--${named}` && flags[named] !== true) place += 1
  }
  return kept
}

function flagWords(flags: FlagValues): string[] {
  return Object.entries(flags).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, value]))
}

function line(words: readonly string[]): string {
  return ['holdfast', ...words].map(shellWord).join(' ')
}
