import { jsonLog, serve as serveStore, type Ending, type Log } from '@holdfast/server'
import { isatty } from 'node:tty'
import { localConfiguration } from '../input/local-configuration.ts'
import { workingFolder } from '../input/environment.ts'
import { plain } from '../print/plain.ts'
import { UsageError } from '../failure/usage-error.ts'
import { EXIT } from '../failure/exit-code.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold } from '../program/open-fold.ts'
import type { Shell } from '../program/shell.ts'
import manifest from '../../package.json' with { type: 'json' }

const STDOUT = 1

/** `serve`: commits for the other processes of this user and host, until it is stopped. */
export const serve: Define = (command, shell) => {
  command.description(
    'Commit for the other processes of this user on this host, until Ctrl-C or SIGTERM. They find it by themselves and get faster. Without it they use the file.',
  )
  examples(command, 'holdfast serve', 'holdfast serve --store sqlite:team.db >> holdfast-serve.log')
  shell.does(command, async () => {
    const stopped = shell.interruption.signal()
    const { liveness, compaction } = await localConfiguration(shell.globals.config, workingFolder())
    if (shell.which.url.startsWith('memory:')) {
      throw new UsageError('store: a memory store lives in one process and cannot be served; name a file, sqlite:PATH.')
    }
    // That the ledger is there, and meant, is said before anything is served.
    const { store } = await openFold(shell)
    await store.close()
    const log = shell.json || !isatty(STDOUT) ? jsonLog(STDOUT) : linesFor(shell)
    await using server = await serveStore({ store: store.url, version: manifest.version, log, liveness, compaction })
    const stop = (): void => void server.stop()
    stopped.addEventListener('abort', stop, { once: true })
    if (stopped.aborted) stop()
    return exitCodeOf(await server.ended, shell)
  })
}

function exitCodeOf(ending: Ending, shell: Shell): number {
  switch (ending.why) {
    case 'stopped':
      shell.interruption.settled()
      return EXIT.done
    case 'taken-over':
      shell.out.remark(`holdfast: process ${ending.announced.process.pid} serves this store now; this server ends.`)
      return EXIT.refused
    case 'replaced':
      shell.out.remark(
        `holdfast: ${plain(ending.detail)}; this server ends. Start it again for the store that is there now.`,
      )
      return EXIT.unavailable
  }
}

/** The log for people: a line each, with what belongs to it. */
function linesFor(shell: Shell): Log {
  const line = (fields: object, message: string): void => {
    const told = Object.entries(fields).map(([name, value]) => `  ${name} ${plain(String(value))}`)
    shell.out.remark([message, ...told].join(''))
  }
  return { info: line, warn: line, error: line }
}
