import { applySetup, type SetupPlan, type SetupQuestion } from '@holdfast/engine/agent-setup'
import type { Shell } from '../program/shell.ts'
import type { SetupAnswer } from '../schemas/setup.ts'
import { gitPart } from './git-part.ts'
import { ownCommand } from './own-command.ts'
import type { PlannedSetup } from './planned-setup.ts'
import { verified } from './scratch.ts'

/** Makes the ledger, writes the files, enters the git hooks, and tries all of it. */
export async function carriedOut(shell: Shell, { question, plan, answer }: PlannedSetup): Promise<SetupAnswer> {
  const { root, scope, remove, wanted } = question
  const { program } = wanted
  if (answer.ledger?.change === 'made') {
    await ownCommand(['init', ...(answer.ledger.inTree ? ['--in-tree'] : [])], { folder: root })
  }
  const { notes } = await applySetup(question, plan)
  const about = { root, program, remove, dryRun: false }
  const git = scope === 'project' && answer.git.length > 0 ? await gitPart(about) : answer.git
  const agents = question.agents.filter(agent => !remove && plan.left.includes(agent))
  const checks = agents.length === 0 ? [] : await verified(agents, { place: question, program, claims: claimsOf(plan) })
  const ledger = answer.ledger === null ? null : { ...answer.ledger, url: shell.whichNow().url }
  const all = [...answer.notes, ...notes, ...claimNotes(plan, question)]
  return { ...answer, outcome: 'done', ledger, git, checks: [...checks], notes: all, next: nextOf(question) }
}

/** Whether a first edit leases its file here. */
function claimsOf({ files }: SetupPlan): boolean {
  const config = files.find(({ file }) => file.endsWith('holdfast.config.json'))
  return config === undefined || config.notes.length === 0
}

function claimNotes(plan: SetupPlan, { remove }: SetupQuestion): readonly string[] {
  if (remove || claimsOf(plan)) return []
  return ['holdfast.config.json says another guard.unclaimed than claim, so a first edit leases nothing']
}

function nextOf({ agents, remove, scope }: SetupQuestion): string[] {
  if (remove) return ['the ledger stays, with its history; `holdfast doctor` says where it is']
  return [
    ...(agents.includes('codex') ? ['codex: open /hooks once and trust the new hooks; until then it skips them'] : []),
    ...(agents.includes('claude-code') && scope === 'user'
      ? ['claude mcp add --scope user holdfast -- holdfast mcp   # its own command enters the tool server for you']
      : []),
    ...(scope === 'project' ? ['commit what was written: nothing in it belongs to this machine'] : []),
    `start two sessions and let both edit one file: the second is refused, and told who has it`,
    'holdfast top   # who works where',
  ]
}
