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
      'sqlite:PATH, esdb://HOST:PORT or memory: (default: HOLDFAST_STORE, else that of this repository or folder)',
    )
    .addOption(
      fromEnvironment(new Option('--ledger <name>', 'one store holds several'), 'HOLDFAST_LEDGER').default('default'),
    )
    .option('--create', 'make the store or ledger that is named, if it is not there')
    .option('--json', 'answer in JSON')
    .option('--config <file>', 'configuration file')
    .option(
      '--timeout <duration>',
      'how long the store may take to answer (default: 5s in all, where work lasts 15s for each step)',
    )
    .option('--reason <text>', 'why; recorded with what is written')
    .version(manifest.version, '-v, --version', 'say which version this is')
    .helpOption('-h, --help', 'say how it is used')
    .commandsGroup('Help:')
    .helpCommand('help [command]', 'say how a command is used')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeErr: () => {}, outputError: () => {} })
    .addHelpText('after', context => (context.command.parent === null ? AFTER : ''))
    .exitOverride()
}
