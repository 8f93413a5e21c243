import { SKILL } from '@holdfast/mcp/skill'
import { EXIT } from '../failure/exit-code.ts'
import { examples, type Define } from '../program/define.ts'

/** `skill`: prints what teaches an agent the command line. */
export const skill: Define = (command, shell) => {
  examples(
    command,
    'holdfast skill',
    'mkdir -p .claude/skills/holdfast && holdfast skill > .claude/skills/holdfast/SKILL.md',
  )
  shell.does(command, async () => {
    await shell.answer({ skill: SKILL }, () => SKILL.trimEnd().split('\n'))
    return EXIT.done
  })
}
