// Runs command lines in one process, each as if it were typed: a list of words as JSON a line on standard input. Behind
// what a line answers stands, on both outputs, what it ended with.
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { COMMANDS } from '../../packages/cli/src/commands/table.ts'
import { runCommandLine } from '../../packages/cli/src/program/run-command-line.ts'

process.setMaxListeners(0)
for await (const line of createInterface({ input: process.stdin })) {
  const exitCode = await runCommandLine(z.array(z.string()).parse(JSON.parse(line)), COMMANDS)
  for (const stream of [process.stderr, process.stdout]) stream.write(`#exit ${exitCode}\n`)
}
process.exit(0)
