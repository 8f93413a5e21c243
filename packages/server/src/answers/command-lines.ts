import { shellWord } from '../text/shell-word.ts'

/** Flags by name: a value, or `true` for one that stands alone. */
export type FlagValues = Readonly<Record<string, string | true>>

/** Lines of the command line that can be typed next, each as it works where the first one was typed. */
export interface CommandLines {
  /** The same command with these flags, in place of the ones that it had of that name. */
  readonly again: (flags?: FlagValues) => string
  /** Whether the command has a flag. */
  readonly has: (flag: string) => boolean
  /** Another command on the same ledger. */
  readonly call: (command: string, positional: readonly string[], flags?: FlagValues) => string
}

/** The words of a line without these flags and their values. */
export function withoutFlags(args: readonly string[], flags: FlagValues): readonly string[] {
  const kept: string[] = []
  for (let place = 0; place < args.length; place += 1) {
    const arg = args[place] ?? ''
    const named = Object.keys(flags).find(name => arg === `--${name}` || arg.startsWith(`--${name}=`))
    if (named === undefined) kept.push(arg)
    else if (arg === `--${named}` && flags[named] !== true) place += 1
  }
  return kept
}

/** Flags as words. */
export function flagWords(flags: FlagValues): string[] {
  return Object.entries(flags).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`]
    // A value that looks like a flag is tied to its own one.
    return value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value]
  })
}

/** Words as a line for a shell. */
export function commandLine(words: readonly string[]): string {
  return ['holdfast', ...words].map(shellWord).join(' ')
}

/** A call with its arguments before its flags; what begins like a flag is an argument only behind `--`. */
export function callLine(command: string, positional: readonly string[], flags: readonly string[]): string {
  const isPlain = positional.every(word => !word.startsWith('-'))
  return commandLine(isPlain ? [command, ...positional, ...flags] : [command, ...flags, '--', ...positional])
}
