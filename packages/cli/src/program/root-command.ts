import { Command, Option } from 'commander'
import { fromEnvironment } from '../input/environment.ts'
import manifest from '../../package.json' with { type: 'json' }

const AFTER = `
Exit codes: 0 done, 1 unexpected, 2 usage, 3 refused, 4 not held, 5 store unavailable, 6 ledger not to be trusted,
130 interrupted.

Examples:
  $ holdfast acquire api --holder agent-7 --region 'src/api/**' --ttl 90s
  $ holdfast leases --json`

/** The program without its commands. Flags that belong to all commands may stand before or after the command. */
export function rootCommand(): Command {
  return new Command('holdfast')
    .description('An event-sourced ledger of leases and liveness for fleets of workers.')
    .usage('[flags] COMMAND')
    .option(
      '--store <url>',
      'sqlite:PATH, unix:SOCKET or http://HOST:PORT of its server (token: HOLDFAST_TOKEN, or HOLDFAST_TOKEN_FILE), esdb://HOST:PORT or memory: (default: HOLDFAST_STORE, else that of this repository or folder)',
    )
    .addOption(
      fromEnvironment(
        new Option('--ledger <name>', 'ledger in that store; a store can hold several'),
        'HOLDFAST_LEDGER',
      ).default('default'),
    )
    .option('--create', 'create the named store or ledger if it does not exist')
    .option('--json', 'print the answer as JSON')
    .option('--no-server', 'do not go through a server (`holdfast serve`), even if one runs')
    .option('--utc', 'show times in UTC also on a terminal, which otherwise shows them in your zone')
    .option('--config <file>', 'configuration file')
    .option(
      '--timeout <duration>',
      'how long the store may take to answer (default: 5s; for long work 15s for each step)',
    )
    .option('--reason <text>', 'why you do this; recorded with the event')
    .version(manifest.version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .commandsGroup('Help:')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeErr: () => {}, outputError: () => {} })
    .addHelpText('after', context => (context.command.parent === null ? AFTER : ''))
    .exitOverride()
}
