import { runCommandLine } from './program/run-command-line.ts'

process.exitCode = await runCommandLine(process.argv.slice(2))
