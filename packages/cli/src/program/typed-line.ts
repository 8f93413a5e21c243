import { resolve } from 'node:path'
import type { CommandLines, FlagValues } from '@holdfast/server/answers'
import { environment } from '../input/environment.ts'
import { shellWord } from '../print/shell-word.ts'
import { anchoredStore } from './store-url.ts'

/** What was typed, and lines that can be typed next: each works when it is pasted where the first one was typed. */
export class TypedLine implements CommandLines {
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

  /**
   * Another command on the same ledger. `place`: the flags that say which one; default those of this line.
   */
  call(
    command: string,
    positional: readonly string[],
    flags: FlagValues = {},
    place: FlagValues = this.placeFlags(),
  ): string {
    const words = [...flagWords(flags), ...flagWords(place)]
    // What begins like a flag is an argument only behind `--`.
    const isPlain = positional.every(word => !word.startsWith('-'))
    return line(isPlain ? [command, ...positional, ...words] : [command, ...words, '--', ...positional])
  }

  /** The flags that say which ledger is meant. `elsewhere`: as they are in another folder, where relative names lead elsewhere. */
  placeFlags({ elsewhere = false }: { readonly elsewhere?: boolean } = {}): FlagValues {
    const { store = elsewhere ? environment('HOLDFAST_STORE') : undefined, ledger, config } = this.#globals()
    // On standard input there was a configuration; a line that is pasted has none there.
    const file = config === '-' ? undefined : config
    return {
      ...(store === undefined ? {} : { store: elsewhere ? anchoredStore(store) : store }),
      ...nameFlags(ledger),
      ...(file === undefined ? {} : { config: elsewhere ? resolve(file) : file }),
    }
  }
}

/** The flag that names a ledger in its store, left out where nothing else is named without it. */
export function nameFlags(ledger: string): FlagValues {
  return ledger === 'default' && (environment('HOLDFAST_LEDGER') ?? ledger) === ledger ? {} : { ledger }
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
  return Object.entries(flags).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`]
    // A value that looks like a flag is tied to its own one.
    return value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value]
  })
}

function line(words: readonly string[]): string {
  return ['holdfast', ...words].map(shellWord).join(' ')
}

/** The flags that every command takes. */
export interface Globals {
  readonly store?: string
  readonly ledger: string
  readonly json?: boolean
  readonly create?: boolean
  /** False with `--no-server`. */
  readonly server?: boolean
  readonly config?: string
  readonly reason?: string
  readonly timeout?: string
}
