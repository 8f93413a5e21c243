import type { Command } from 'commander'
import type { Shell } from './shell.ts'

/** Gives a command its arguments, flags, examples and work. */
export type Define = (command: Command, shell: Shell) => void
