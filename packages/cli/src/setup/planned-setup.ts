import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import {
  AGENT_NAMES,
  agentsPresent,
  detectAgents,
  IN_TREE_FOR,
  installationAt,
  isAgentName,
  planSetup,
  portableProgram,
  programOf,
  sandboxAdvice,
  type AgentName,
  type DetectedAgent,
  type SetupPlace,
  type SetupPlan,
  type SetupProgram,
  type SetupQuestion,
} from '@holdfast/engine/agent-setup'
import { isNamed } from '@holdfast/engine/which-ledger'
import { SKILL } from '@holdfast/mcp/skill'
import { formatPatch, structuredPatch } from 'diff'
import { UsageError } from '../failure/usage-error.ts'
import { shellWord } from '../print/shell-word.ts'
import type { Shell } from '../program/shell.ts'
import { pathOf } from '../program/store-url.ts'
import type { SetupAnswer } from '../schemas/setup.ts'
import { gitPart } from './git-part.ts'
import { setupPlace } from './setup-place.ts'

export interface SetupFlags {
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly remove?: boolean
  readonly scope: string
  readonly command?: string
}

/** Lines around a change that are shown. */
const CONTEXT_LINES = 2

export interface PlannedSetup {
  readonly question: SetupQuestion
  readonly plan: SetupPlan
  readonly answer: SetupAnswer
}

/** What `setup` would do, as its answer. Nothing is written. */
export async function plannedSetup(shell: Shell, names: readonly string[], flags: SetupFlags): Promise<PlannedSetup> {
  const { scope } = flags
  if (scope !== 'project' && scope !== 'user') throw new UsageError('scope: say project or user.')
  refuseNamed(shell)
  const place = setupPlace(scope)
  const remove = flags.remove === true
  const agents = agentsMeant(names, place, remove)
  const program = programMeant(flags.command, place, remove)
  const chosen = agents.map(({ agent }) => agent)
  const question = { ...place, wanted: { program, skill: SKILL }, agents: chosen, remove }
  const plan = await planSetup(question)
  const isProject = scope === 'project'
  const keepsGit = remove && plan.left.length > 0
  const dryRun = flags.dryRun === true
  const about = { root: place.root, program, remove, dryRun: true }
  const answer: SetupAnswer = {
    outcome: 'not-written',
    scope,
    root: place.root,
    remove,
    dryRun,
    agents: agents.map(({ agent, seen }) => ({ agent, seen: [...seen] })),
    program: program.by === 'words' ? program.words : programOf(program, 'cursor'),
    ledger: remove || !isProject ? null : ledgerPart(shell, chosen, place),
    changes: plan.files.map(({ file, before, after, notes, agents: users }) => {
      const change = { before, after }
      return { agents: [...users], file, change: kindOf(change), diff: diffOf(file, change), notes: [...notes] }
    }),
    git: isProject && !keepsGit ? await gitPart(about) : [],
    checks: [],
    notes: remove ? [] : notesOn(shell, chosen, { place, program }),
    next: [],
  }
  return { question, plan, answer }
}

/** What is written finds the ledger by itself, on every machine. */
function refuseNamed({ globals: { store, ledger, config } }: Shell): void {
  if (store === undefined && ledger === 'default' && config === undefined) return
  throw new UsageError(
    'store, ledger, config: setup writes commands that find the ledger and its configuration by themselves; leave these flags out.',
  )
}

function agentsMeant(names: readonly string[], place: SetupPlace, remove: boolean): readonly DetectedAgent[] {
  const wrong = names.find(name => !isAgentName(name))
  if (wrong !== undefined) {
    throw new UsageError(`agent: ${JSON.stringify(wrong)} is none that setup knows; name ${AGENT_NAMES.join(', ')}.`)
  }
  const seen = detectAgents(place)
  if (names.length > 0) {
    const chosen = AGENT_NAMES.filter(agent => names.includes(agent))
    return chosen.map(agent => seen.find(each => each.agent === agent) ?? { agent, seen: [] })
  }
  if (remove) return agentsPresent(place).map(agent => ({ agent, seen: [] }))
  if (seen.length > 0) return seen
  throw new UsageError(`agent: none is seen here or in your home; name one, such as \`holdfast setup claude-code\`.`)
}

function programMeant(words: string | undefined, place: SetupPlace, remove: boolean): SetupProgram {
  if (words !== undefined) {
    if (words.trim() === '') throw new UsageError('command: it is empty; name a command, or leave it out.')
    return { by: 'words', words }
  }
  const known = installationAt(place)?.program
  if (known?.by === 'words') return known
  const portable = portableProgram(place.root, place.environment['PATH'] ?? '')
  if (portable !== null && !(place.scope === 'user' && portable.by === 'project')) return portable
  if (place.scope === 'user') {
    return { by: 'words', words: [process.execPath, realpathSync(process.argv[1] ?? '')].map(shellWord).join(' ') }
  }
  if (remove) return known ?? { by: 'path' }
  throw new UsageError(
    'command: holdfast is neither on the PATH nor installed in this project, and files that are committed must not name a path of this machine. Install it (npm install --save-dev holdfast), or say how it is called with --command WORDS.',
  )
}

function ledgerPart(shell: Shell, agents: readonly AgentName[], { root }: SetupPlace): SetupAnswer['ledger'] {
  const { which } = shell
  const isThere = which.exists !== false
  const inTree =
    !isThere && !isNamed(which) && existsSync(join(root, '.git')) && agents.some(agent => IN_TREE_FOR.has(agent))
  const url = inTree ? `sqlite:${join(root, '.holdfast', 'ledger.db')}` : which.url
  return { url, change: isThere ? 'none' : 'made', inTree }
}

function notesOn(
  shell: Shell,
  agents: readonly AgentName[],
  { place, program }: { readonly place: SetupPlace; readonly program: SetupProgram },
): string[] {
  const ledger = place.scope === 'project' ? ledgerPart(shell, agents, place) : null
  const path = ledger === null ? null : pathOf(ledger.url)
  const advice = path === null ? [] : agents.map(agent => [agent, sandboxAdvice(agent, path, place)] as const)
  const isOfMachine = program.by === 'words' && place.scope === 'project' && program.words.includes('/')
  return [
    ...advice.flatMap(([agent, text]) => (text === null ? [] : [`${agent}: ${text}`])),
    ...(runsTwice(agents, place) ? [RUNS_TWICE] : []),
    ...(isOfMachine ? [`--command names a path, which may not hold on other machines: ${program.words}`] : []),
  ]
}

/** Cursor may run the hooks of Claude Code beside its own. */
function runsTwice(agents: readonly AgentName[], place: SetupPlace): boolean {
  const meant = new Set([...agents, ...agentsPresent(place)])
  return meant.has('cursor') && meant.has('claude-code')
}

const RUNS_TWICE =
  'cursor: leave its setting to include third-party plugins, skills and other configs off. With it Cursor runs the hooks of Claude Code as well, one session counts as two, and refuses itself'

function kindOf({ before, after }: { readonly before: string | null; readonly after: string | null }): Change {
  if (before === after) return 'none'
  if (before === null) return 'made'
  return after === null ? 'removed' : 'changed'
}

type Change = SetupAnswer['changes'][number]['change']

function diffOf(
  file: string,
  { before, after }: { readonly before: string | null; readonly after: string | null },
): string {
  if (before === after) return ''
  const patch = structuredPatch(file, file, before ?? '', after ?? '', undefined, undefined, { context: CONTEXT_LINES })
  return formatPatch(patch)
}

/** Whether anything would change. */
export function isToDo({ changes, git, ledger }: SetupAnswer): boolean {
  return [...changes, ...git].some(({ change }) => change !== 'none') || ledger?.change === 'made'
}
