// Runs command lines in one process that stays, each in the folder and surroundings that the message names.
import { config } from 'zod'
import * as z from 'zod'

// As the program does for nearly all commands.
config({ jitless: true })
const { runCommandLine } = await import('../../packages/cli/src/program/run-command-line.ts')
const { COMMANDS } = await import('../../packages/cli/src/commands/table.ts')

const Typed = z.object({
  folder: z.string(),
  words: z.array(z.string()),
  environment: z.record(z.string(), z.string()),
})

process.setMaxListeners(0)
process.on('message', message => void run(Typed.parse(message)))

async function run({ folder, words, environment }: z.infer<typeof Typed>): Promise<void> {
  process.chdir(folder)
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment)
  const exitCode = await runCommandLine(words, COMMANDS)
  for (const stream of [process.stderr, process.stdout]) stream.write(`#exit ${exitCode}\n`)
}
