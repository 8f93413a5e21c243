import { checkRule, trySample } from '@holdfast/server'
import type { NotifyRule, NotifyRules } from '@holdfast/server/notify-rules'
import type { Command } from 'commander'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { configurationFile } from '../input/configuration-file.ts'
import { workingFolder } from '../input/environment.ts'
import { localConfiguration } from '../input/local-configuration.ts'
import { plain } from '../print/plain.ts'
import { table } from '../print/table.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import type { NotifyCheckAnswer, NotifyTestAnswer } from '../schemas/notify.ts'

/** `notify`: the rules by which `serve` tells people, before they are needed. */
export const notify: Define = (command, shell) => {
  command.usage('COMMAND')
  defineCheck(command.command('check').description('Show the rules, and what keeps one from telling anybody.'), shell)
  defineTest(command.command('test').description('Tell a rule a sample notice, or all rules.'), shell)
  examples(command, 'holdfast notify check', 'holdfast notify test desk')
}

function defineCheck(command: Command, shell: Shell): void {
  examples(command, 'holdfast notify check', "holdfast notify check --json | jq '.rules[].problems'")
  shell.does(command, async () => {
    const file = configurationFile(shell.globals.config, workingFolder())
    const rules = Object.entries(await rulesOf(shell)).map(([name, rule]) => {
      const { problems, warnings } = checkRule(rule)
      return { name, on: [...rule.on], by: byOf(rule), problems: [...problems], warnings: [...warnings] }
    })
    const ok = rules.every(({ problems }) => problems.length === 0)
    const answer: NotifyCheckAnswer = { file, ok, rules }
    await shell.answer(answer, checkLines)
    return ok ? EXIT.done : EXIT.refused
  })
}

function defineTest(command: Command, shell: Shell): void {
  command.argument('[rule]', 'name of the rule; default: every rule')
  examples(command, 'holdfast notify test desk', 'holdfast notify test --json')
  shell.does(command, async (name: string | undefined) => {
    const tried: NotifyTestAnswer['rules'] = []
    for (const [rule, how] of chosen(await rulesOf(shell), name)) {
      const { notice, outcome, detail } = await trySample(rule, how, shell.interruption.signal())
      tried.push({ name: rule, outcome, detail, notice: { ...notice, sample: true } })
    }
    const ok = tried.every(({ outcome }) => outcome === 'told')
    const answer: NotifyTestAnswer = { ok, rules: tried }
    await shell.answer(answer, ({ rules }) =>
      table(rules.map(({ name: rule, outcome, detail }) => [rule, toneOf(outcome)(outcome), plain(detail)])),
    )
    return ok ? EXIT.done : EXIT.refused
  })
}

async function rulesOf(shell: Shell): Promise<NotifyRules> {
  return (await localConfiguration(shell.globals.config, workingFolder())).notify
}

function chosen(rules: NotifyRules, name: string | undefined): readonly (readonly [string, NotifyRule])[] {
  const named = Object.entries(rules)
  if (named.length === 0) {
    throw new UsageError('There are no rules: write one under "notify" in holdfast.config.json (docs/notify.md).')
  }
  if (name === undefined) return named
  const found = named.filter(([rule]) => rule === name)
  if (found.length > 0) return found
  const known = named.map(([rule]) => rule).join(', ')
  throw new UsageError(`rule: there is none named ${JSON.stringify(name)}. There are: ${known}`)
}

function byOf({ webhook }: NotifyRule): 'command' | 'webhook' {
  return webhook === undefined ? 'command' : 'webhook'
}

function toneOf(outcome: NotifyTestAnswer['rules'][number]['outcome']): (text: string) => string {
  return outcome === 'told' ? tone.good : tone.bad
}

function checkLines({ file, rules }: NotifyCheckAnswer): readonly string[] {
  if (rules.length === 0) {
    const where = file === null ? 'there is no holdfast.config.json here' : plain(file)
    return [`no rules: nobody is told of anything (${where})`]
  }
  return rules.flatMap(({ name, on, by, problems, warnings }) => [
    `${problems.length === 0 ? tone.good('ok') : tone.bad('problem')}  ${name}  ${by} on ${on.join(', ')}`,
    ...problems.map(text => `  ${tone.bad('problem')}: ${plain(text)}`),
    ...warnings.map(text => `  ${tone.warn('note')}: ${plain(text)}`),
  ])
}
