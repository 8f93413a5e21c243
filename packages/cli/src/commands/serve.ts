import type { Configuration } from '@holdfast/core'
import {
  jsonLog,
  listenPlace,
  serve as serveStore,
  type Ending,
  type HttpListen,
  type Log,
  type NotifyOptions,
} from '@holdfast/server'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isatty } from 'node:tty'
import { collect } from '../input/flag-values.ts'
import { localConfiguration } from '../input/local-configuration.ts'
import { environment, workingFolder } from '../input/environment.ts'
import { progressProbes, progressSources } from '../input/progress-probes.ts'
import { rightsIn } from '../input/rights-in.ts'
import { plain } from '../print/plain.ts'
import { UsageError } from '../failure/usage-error.ts'
import { EXIT } from '../failure/exit-code.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold } from '../program/open-fold.ts'
import type { Shell } from '../program/shell.ts'
import type { LocalConfiguration } from '../schemas/local-configuration.ts'
import manifest from '../../package.json' with { type: 'json' }

const STDOUT = 1

/** Where HTTP is answered unless another place is named. */
const LISTEN = '127.0.0.1:7878'

/** `serve`: commits for the other processes of this user and host, until it is stopped. */
export const serve: Define = (command, shell) => {
  command
    .description(
      'Commit for the other processes of this user on this host, until Ctrl-C or SIGTERM. They find it by themselves and get faster. Without it they use the file.',
    )
    .option('--listen <place>', `answer HTTP at this address and port as well, with tokens (such as ${LISTEN})`)
    .option(
      '--open',
      `print an address that opens the page in a browser, once (listens at ${LISTEN} unless told otherwise)`,
    )
    .option('--can <rights>', `with --open: what the page may do, with commas (default: everything)`)
    .option('--allow-host <name>', 'name under which a proxy in front is asked; repeat for more', collect)
    .option('--insecure-listen', 'listen where other hosts reach it, although tokens then go over the wire as they are')
  examples(
    command,
    'holdfast serve',
    'holdfast serve --store sqlite:team.db >> holdfast-serve.log',
    'holdfast serve --open',
    'holdfast serve --open --can read,halt',
    'holdfast serve --listen 127.0.0.1:7878 --allow-host holdfast.example.org',
  )
  shell.does(command, async (flags: ServeFlags) => {
    const http = httpOf(flags, shell)
    const can = flags.can === undefined ? undefined : rightsIn(flags.can)
    if (can !== undefined && flags.open !== true)
      throw new UsageError('can: it says what the page may do; give --open as well.')
    if (http !== undefined) listenPlace(http)
    const stopped = shell.interruption.signal()
    const configuration = await localConfiguration(shell.globals.config, workingFolder())
    const { liveness, compaction } = configuration
    if (shell.which.url.startsWith('memory:')) {
      throw new UsageError('store: a memory store lives in one process and cannot be served; name a file, sqlite:PATH.')
    }
    // That the ledger is there, and meant, is said before anything is served.
    const { store, fold } = await openFold(shell)
    await store.close()
    const notify = await notifyBy(configuration, shell.globals.ledger, fold.state.config)
    const log = shell.json || !isatty(STDOUT) ? jsonLog(STDOUT) : linesFor(shell)
    await using server = await serveStore({
      store: store.url,
      version: manifest.version,
      log,
      liveness,
      compaction,
      http,
      notify,
      otlp: environment('OTEL_EXPORTER_OTLP_ENDPOINT') !== undefined,
      measured: [shell.globals.ledger],
    })
    if (flags.open === true && server.http !== null) await showPage(server.http.newPageAddress(can), shell)
    const stop = (): void => void server.stop()
    stopped.addEventListener('abort', stop, { once: true })
    if (stopped.aborted) stop()
    return exitCodeOf(await server.ended, shell)
  })
}

interface ServeFlags {
  readonly listen?: string
  readonly open?: boolean
  readonly can?: string
  readonly allowHost?: readonly string[]
  readonly insecureListen?: boolean
}

function httpOf({ listen, open, allowHost, insecureListen }: ServeFlags, shell: Shell): HttpListen | undefined {
  if (listen === undefined && open !== true) {
    const idle = allowHost === undefined ? (insecureListen === true ? 'insecure-listen' : null) : 'allow-host'
    if (idle !== null) throw new UsageError(`${idle}: nothing listens for HTTP; give --listen ${LISTEN} as well.`)
    return undefined
  }
  const { why, root } = shell.which
  const page = builtPage()
  return {
    listen: listen ?? LISTEN,
    insecure: insecureListen,
    hostNames: allowHost,
    place: { why, root },
    // Loaded when the first agent asks.
    hooks: async () => (await import('../hook-door/index.ts')).hookDoor(),
    mcp: async () => (await import('@holdfast/mcp')).mcpDoor(manifest.version),
    ...(page === null ? {} : { page }),
  }
}

/** The folder of the page, as it was built: in the workspace, or in this package where it is published. No other folder counts. */
function builtPage(): string | null {
  let at = import.meta.dirname
  while (packageIn(at) !== manifest.name) {
    if (at === dirname(at)) return null
    at = dirname(at)
  }
  const web = join(at, '..', 'web')
  const places = [...(packageIn(web) === '@holdfast/web' ? [join(web, 'dist')] : []), join(at, 'dist', 'page')]
  return places.find(place => existsSync(join(place, 'index.html'))) ?? null
}

function packageIn(folder: string): unknown {
  try {
    const read: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return typeof read === 'object' && read !== null && 'name' in read ? read.name : undefined
  } catch {
    return undefined
  }
}

/** Shows the address, and opens it where there is a screen. What opens it is nobody's business here. */
async function showPage(address: string, shell: Shell): Promise<void> {
  shell.out.remark(`The page opens once, within five minutes, at ${address}`)
  if (!isatty(STDOUT)) return
  const { spawn } = await import('node:child_process')
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const child = spawn(opener, [address], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}

/** Whom to tell of what; work beside the log is looked for as `reap` does. */
async function notifyBy(
  configuration: LocalConfiguration,
  ledger: string,
  { caseSensitive }: Pick<Configuration, 'caseSensitive'>,
): Promise<NotifyOptions | undefined> {
  const { notify: rules } = configuration
  if (Object.keys(rules).length === 0) return undefined
  return { rules, ledger, probes: await progressProbes(progressSources(configuration), { caseSensitive }) }
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
