// Runs many command lines in one process, each as if it were typed: `node run-lines.ts LINES.json`, a list of lists of words.
// `TOKEN` stands for the token of the first lease that is there. Before each answer stands a line of its number, and
// behind it on standard error what the line ended with.
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { COMMANDS } from '../../packages/cli/src/commands/table.ts'
import { runCommandLine } from '../../packages/cli/src/program/run-command-line.ts'
import { openLedger } from '@holdfast/engine'

const [file = ''] = process.argv.slice(2)
const lines = z.array(z.array(z.string())).parse(JSON.parse(readFileSync(file, 'utf8')))
process.setMaxListeners(0)

let token = 'none'
for (const [index, words] of lines.entries()) {
  if (token === 'none' && words.some(word => word.includes('TOKEN'))) {
    await using ledger = await openLedger(undefined, { create: 'never' })
    const [lease] = await ledger.leases()
    if (lease !== undefined) token = String(lease.token)
  }
  for (const stream of [process.stdout, process.stderr]) stream.write(`#${index}\n`)
  const exitCode = await runCommandLine(
    words.map(word => word.replaceAll('TOKEN', token)),
    COMMANDS,
  )
  process.stderr.write(`exit ${exitCode}\n`)
}
process.exit(0)
