import type { Command } from 'commander'
import type { Shell } from './shell.ts'

/** Gives a command its arguments, flags, examples and work. */
export type Define = (command: Command, shell: Shell) => void

/** Ends a command's help with examples. */
export function examples(command: Command, ...lines: readonly string[]): void {
  command.addHelpText('after', ['', 'Examples:', ...lines.map(line => `  $ ${line}`)].join('\n'))
}
