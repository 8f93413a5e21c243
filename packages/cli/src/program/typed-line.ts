import { resolve } from 'node:path'
import {
  callLine,
  commandLine,
  flagWords,
  withoutFlags,
  type CommandLines,
  type FlagValues,
} from '@holdfast/server/answers'
import { environment } from '../input/environment.ts'
import { anchoredStore } from './store-url.ts'

/** What was typed, and lines that can be typed next: each works when it is pasted where the first one was typed. */
export class TypedLine implements CommandLines {
  readonly #args: readonly string[]
  readonly #globals: () => Globals

  constructor(args: readonly string[], globals: () => Globals) {
    this.#args = args
    this.#globals = globals
  }

  /** The words as they were typed. */
  get words(): readonly string[] {
    return this.#args
  }

  /** The same line with these flags, in place of the ones that it had of that name. */
  again(flags: FlagValues = {}): string {
    const end = this.#args.indexOf('--')
    const own = end === -1 ? this.#args : this.#args.slice(0, end)
    const rest = end === -1 ? [] : this.#args.slice(end)
    return commandLine([...withoutFlags(own, flags), ...flagWords(flags), ...rest])
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
    return callLine(command, positional, [...flagWords(flags), ...flagWords(place)])
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

/** The flags that every command takes. */
export interface Globals {
  readonly store?: string
  readonly ledger: string
  readonly json?: boolean
  readonly create?: boolean
  readonly utc?: boolean
  /** False with `--no-server`. */
  readonly server?: boolean
  readonly config?: string
  readonly reason?: string
  readonly timeout?: string
}
