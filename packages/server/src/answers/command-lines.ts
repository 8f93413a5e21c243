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
