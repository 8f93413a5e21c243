import { AGENT_NAMES } from '@holdfast/engine/agent-setup'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { outcomeLines, plannedLines } from '../print/setup-lines.ts'
import { examples, type Define } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import type { SetupAnswer } from '../schemas/setup.ts'
import { canAsk, saysYes } from '../setup/ask.ts'
import { carriedOut } from '../setup/carried-out.ts'
import { isToDo, plannedSetup, type SetupFlags } from '../setup/planned-setup.ts'

/** `setup`: hooks, git hooks, tool server and skill of coding agents in one command; shown first, tried afterwards. */
export const setup: Define = (command, shell) => {
  command
    .description(
      'Enter holdfast into coding agents: hooks, git hooks, tool server and skill file. Shows what it writes, asks, writes, and tries it.',
    )
    .argument('[agent...]', `${AGENT_NAMES.join(', ')} (default: those that are seen here or in your home)`)
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show the changes, and write nothing')
    .option('--remove', 'take everything out again; the ledger stays')
    .option('--scope <scope>', 'project: for everybody who works here; user: for you, in every project', 'project')
    .option('--command <words>', 'how hooks call this program (default: holdfast, or what the project has installed)')
  examples(command, 'holdfast setup', 'holdfast setup claude-code codex --yes')
  shell.does(command, async (names: readonly string[], flags: SetupFlags) => {
    const asked = await plannedSetup(shell, names, flags)
    const { answer } = asked
    const toDo = isToDo(answer)
    if (flags.dryRun === true || !toDo)
      return ended(shell, { ...answer, outcome: toDo ? 'not-written' : 'nothing-to-do' })
    if (flags.yes !== true) {
      if (!shell.json) for (const line of plannedLines(answer)) await shell.out.line(line)
      await shell.out.flush()
      if (shell.json || !canAsk())
        throw new UsageError(`Nothing was written: nobody can be asked here. To write it, type: ${again(answer)}`)
      if (!(await saysYes(answer.remove ? 'Take this out?' : 'Write this?'))) {
        await shell.out.line('Nothing was written.')
        return EXIT.refused
      }
    }
    const done = await carriedOut(shell, asked)
    if (shell.json || flags.yes === true) return ended(shell, done)
    for (const line of outcomeLines(done)) await shell.out.line(line)
    return codeOf(done)
  })
}

async function ended(shell: Shell, answer: SetupAnswer): Promise<number> {
  await shell.answer(answer, given => [...plannedLines(given), ...outcomeLines(given)])
  return codeOf(answer)
}

function codeOf({ checks }: SetupAnswer): number {
  return checks.every(({ ok }) => ok) ? EXIT.done : EXIT.refused
}

function again({ agents, remove, scope }: SetupAnswer): string {
  const flags = [...(remove ? ['--remove'] : []), ...(scope === 'user' ? ['--scope', 'user'] : []), '--yes']
  return ['holdfast', 'setup', ...agents.map(({ agent }) => agent), ...flags].join(' ')
}
