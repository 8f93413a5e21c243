import type { LogStore, OpenStoreOptions } from '@holdfast/store'
import { config } from 'zod'
import { notStarted } from './program/not-started.ts'

/** Commands that parse so much that compiling their schemas first pays. */
const PARSE_MUCH = new Set(['judge', 'verify', 'export', 'import', 'move', 'log', 'serve'])

// Any other command parses a handful of events: compiling a parser for each schema would cost it more than it saves.
if (!process.argv.slice(2).some(word => PARSE_MUCH.has(word))) config({ jitless: true })

// Schemas take over the setting when they are made, hence the late import. No top-level await: the published bundle is
// CommonJS, which starts faster.
Promise.all([import('./program/run-command-line.ts'), import('./commands/table.ts')])
  .then(async ([{ runCommandLine }, { COMMANDS }]) => {
    process.exitCode = await runCommandLine(process.argv.slice(2), COMMANDS, { storeAtSocket, openRemote })
  })
  .catch(notStarted)

/** Loaded when it is asked for: nearly nobody names a socket. */
async function storeAtSocket(path: string, ledger: string): Promise<string> {
  const { storeAtSocket: find } = await import('@holdfast/engine/served')
  return (await find(path, { ledger })).store
}

/** The same for the address of a server by HTTP. */
async function openRemote(url: string, options: OpenStoreOptions): Promise<LogStore> {
  const { openRemoteStore } = await import('@holdfast/engine/served')
  return openRemoteStore(url, options)
}
