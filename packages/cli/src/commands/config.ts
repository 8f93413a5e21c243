import type { Configuration } from '@holdfast/core'
import type { Command } from 'commander'
import { atLedger } from '@holdfast/server/answers'
import { checkpointed } from '../answer/recorded-answer.ts'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { configurationOf, readSettings } from '../input/read-configuration.ts'
import { shellWord } from '../print/shell-word.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold } from '../program/open-fold.ts'
import type { Shell } from '../program/shell.ts'
import type { ConfigAnswer } from '../schemas/ledger.ts'

/** `config show` and `config set`: the configuration that decides; it stands in the log. */
export const config: Define = (command, shell) => {
  command.usage('COMMAND')
  defineShow(command.command('show').description('Show the rules that the ledger records.'), shell)
  defineSet(
    command.command('set').description('Change the rules that the ledger records, for every user of it.'),
    shell,
  )
  examples(command, 'holdfast config show > deciding.json', 'holdfast config set deciding.json')
}

function defineShow(command: Command, shell: Shell): void {
  examples(command, 'holdfast config show', 'holdfast config show --json | jq .config.ttlDefaultMs')
  shell.does(command, async () => {
    await using ledger = await openFold(shell)
    const answer: ConfigAnswer = { ...ledger.at, config: shown(ledger.fold.state.config) }
    await shell.answer(answer, ({ config }) => [JSON.stringify(config, null, 2)])
    return EXIT.done
  })
}

/** With every setting, one that is not written down included. */
function shown(config: Configuration): Configuration {
  return { ...config, workTrees: config.workTrees ?? 'together' }
}

/** Most people try `config set KEY VALUE` first. */
function noPairs(key: string, value: string, more: readonly string[]): UsageError {
  const shown = more.length > 0 ? '…' : /^(?:-?\d+|true|false|null)$/.test(value) ? value : JSON.stringify(value)
  const json = `{${JSON.stringify(key)}: ${shown}}`
  return new UsageError(
    `Settings are given as JSON, in a file or on standard input: echo ${shellWord(json)} | holdfast config set -`,
  )
}

function defineSet(command: Command, shell: Shell): void {
  command.argument('<file>', 'JSON file (- for standard input); settings that it does not name stay unchanged')
  examples(command, 'holdfast config set deciding.json', `echo '{"graceMs": 20000}' | holdfast config set -`)
  command.allowExcessArguments(true)
  shell.does(command, async (file: string) => {
    const [key, value, ...more] = command.args
    if (key !== undefined && value !== undefined) throw noPairs(key, value, more)
    const settings = await readSettings(file)
    await using ledger = await shell.openLedger({ create: true })
    checkpointed(await ledger.configure(configurationOf({ ...ledger.config, ...settings }), shell.reason))
    const answer: ConfigAnswer = { ...atLedger(ledger), config: shown(ledger.config) }
    await shell.answer(answer, () => [`${tone.good('changed')}  for all who use this ledger, from r${answer.head} on`])
    return EXIT.done
  })
}
