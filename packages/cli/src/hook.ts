// The program of a hook call of an agent alone. The published command line has it as a bundle of its own (scripts/build).
import { QUICK_COMMANDS } from './commands/quick-table.ts'
import { runCommandLine } from './program/run-command-line.ts'

void runCommandLine(process.argv.slice(2), QUICK_COMMANDS).then(exitCode => {
  process.exitCode = exitCode
})
