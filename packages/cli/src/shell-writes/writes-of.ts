import { Interpreter } from './interpreter.ts'
import { systemLook, type Look } from './look.ts'
import { ShellState } from './state.ts'
import { Gathered, type Writes } from './writes.ts'

/** Longest command that is read. */
const LENGTH_MAX = 256 * 1024

/**
 * What a shell command would write, without running it. `folder` is where it is called, absolute; `environment` what
 * it inherits. What cannot be told before is in `unresolved`: it is no reason to refuse. Bash's language is read; what
 * another shell would read differently may be told wrongly.
 */
export function writesOf(
  command: string,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
  look: Look = systemLook,
): Writes {
  const found = new Gathered()
  if (command.length > LENGTH_MAX) found.unresolved(command.slice(0, TOLD_MAX), 'bound')
  else new Interpreter(look, found).run(command, new ShellState(folder, environment))
  return found.done()
}

const TOLD_MAX = 120
