// The program of the commands that write alone. The published command line has it as a bundle of its own (scripts/build).
import { acquire } from './commands/acquire.ts'
import { adopt } from './commands/adopt.ts'
import { claim } from './commands/claim.ts'
import type { Define } from './program/define.ts'
import { halt } from './commands/halt.ts'
import { heartbeat } from './commands/heartbeat.ts'
import { release } from './commands/release.ts'
import { scavenge } from './commands/scavenge.ts'
import { spawn } from './commands/spawn.ts'
import type { CommandTable } from './program/summaries.ts'
import { WRITER_NAMES, type WriterName } from './commands/writer-names.ts'
import { runCommandLine } from './program/run-command-line.ts'

const DEFINES: Readonly<Record<WriterName, Define>> = {
  acquire,
  adopt,
  claim,
  halt,
  heartbeat,
  release,
  scavenge,
  spawn,
}

const COMMANDS: CommandTable = new Map(WRITER_NAMES.map(name => [name, async () => DEFINES[name]]))

void runCommandLine(process.argv.slice(2), COMMANDS).then(exitCode => {
  process.exitCode = exitCode
})
