import { CommanderError, type Command } from 'commander'
import { HELP_ENTRIES, type CommandTable } from './summaries.ts'
import { commandWord, wordsBesideFlags } from './command-word.ts'
import { EXIT } from '../failure/exit-code.ts'
import { rootCommand } from './root-command.ts'
import { Shell, type Program } from './shell.ts'
import { UsageError } from '../failure/usage-error.ts'

/** Runs one line of these commands and answers what to exit with. Whatever goes wrong is told; nothing is thrown. */
export async function runCommandLine(
  given: readonly string[],
  commands: CommandTable,
  has: Program = {},
): Promise<number> {
  const args = asHelpOf(given)
  const program = rootCommand()
  const shell = new Shell(program, args, has)
  // Help goes the way of every answer: whoever reads only its beginning is no error.
  program.configureOutput({ writeOut: text => void shell.out.data(text.replace(/\n$/, '')) })
  const fail = (error: unknown): number => shell.out.fail(error, asksForJson(args))
  process.on('uncaughtException', error => process.exit(fail(error)))
  try {
    demandKnownHelp(args)
    await addCommands(program, shell, { args, commands })
    if (args.length === 0) {
      shell.out.remark(program.helpInformation().trimEnd())
      return EXIT.usage
    }
    await program.parseAsync([...args], { from: 'user' })
    await shell.out.flush()
    if (shell.interruption.exitCode !== null) return shell.interruption.exitCode
    return shell.ending === null ? shell.exitCode : fail(shell.ending)
  } catch (error) {
    await shell.out.flush()
    if (!(error instanceof CommanderError)) return shell.interruption.exitCode ?? fail(error)
    return error.exitCode === 0 ? EXIT.done : fail(usageError(error))
  }
}

/**
 * Only commands that the line names are loaded. Where it does not begin with one, the others are known by name and
 * summary, for help and suggestions.
 */
async function addCommands(
  program: Command,
  shell: Shell,
  { args, commands }: { readonly args: readonly string[]; readonly commands: CommandTable },
): Promise<void> {
  const own = ownArguments(args)
  const word = commandWord(own)
  const isNamed = [...commands.keys()].some(name => name === word)
  for (const [name, load] of commands) {
    // Behind the name of a command, words are its own: `guard check` is not `check`.
    if (isNamed && name !== word) continue
    const { group = '', summary = '' } = HELP_ENTRIES.get(name) ?? {}
    const command = program
      .command(name)
      .summary(summary)
      .description(`${capital(summary)}.`)
      .helpGroup(`${group}:`)
    if (own.includes(name)) (await load())(command, shell)
  }
}

/** `help foo`: commander would answer as if no command had been named. */
function demandKnownHelp(args: readonly string[]): void {
  const own = ownArguments(args)
  if (commandWord(own) !== 'help') return
  const asked = wordsBesideFlags(own)
    .slice(1)
    .find(word => !word.startsWith('-'))
  if (asked === undefined || asked === 'help' || HELP_ENTRIES.has(asked)) return
  const names = [...HELP_ENTRIES.keys()].join(', ')
  throw new UsageError(`help: ${JSON.stringify(asked)} is no command. The commands are ${names}.`)
}

/** `help guard check` is `guard check --help`: commander's own help knows one word. */
function asHelpOf(args: readonly string[]): readonly string[] {
  const own = ownArguments(args)
  if (commandWord(own) !== 'help') return args
  const [, asked, further] = wordsBesideFlags(own)
  const isTwoWords = asked !== undefined && further !== undefined && HELP_ENTRIES.has(asked) && !further.startsWith('-')
  return isTwoWords ? [asked, further, '--help'] : args
}

/** What is ours to read: what follows `--` belongs to the command that `run` starts. */
function ownArguments(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--')
  return end === -1 ? args : args.slice(0, end)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** For the time before, and the case in which, the flags cannot be parsed. */
function asksForJson(args: readonly string[]): boolean {
  return ownArguments(args).includes('--json')
}

function usageError(error: CommanderError): UsageError {
  if (error.code === 'commander.help') {
    return new UsageError('Name one of its commands; `--help` lists them.', { cause: error })
  }
  const told = error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ')
  const line = capital(told).replace(/\.$/, '')
  return new UsageError(`${line}; \`--help\` says how it is used.`, { cause: error })
}
