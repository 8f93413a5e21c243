import { realpathSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'
import {
  applyChange,
  guardedRoot,
  planAgentHook,
  planGitHooks,
  recordEntered,
  type EnteredAgentGuard,
  type PlannedChange,
} from '@holdfast/engine/write-guard'
import type { Command } from 'commander'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { workingFolder } from '../input/environment.ts'
import { hookShape, isFile } from '../input/hook-shape.ts'
import { plain } from '../print/plain.ts'
import { tone } from '../print/tone.ts'
import { examples } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import { anchoredStore } from '../program/store-url.ts'
import type { GuardInstallAnswer } from '../schemas/guard.ts'

interface InstallFlags {
  readonly git?: boolean
  readonly agent?: string
  readonly remove?: boolean
  readonly dryRun?: boolean
  readonly root?: string
  readonly command?: string
}

/** `guard install`: enters the guard where git or an agent looks for hooks, shows what it writes, and takes it out. */
export function defineInstall(command: Command, shell: Shell): void {
  command
    .option('--git', 'install the hooks of git (pre-commit, pre-push and others), and those of its submodules')
    .option(
      '--agent <name>',
      'install in the settings of claude-code, gemini-cli, an agent from the configuration, or one described in a file',
    )
    .option('--remove', 'remove the hook; everything else in the file stays unchanged')
    .option('--dry-run', 'show the changes, and write nothing')
    .option('--root <dir>', 'folder to guard (default: the top of the git work tree)')
    .option('--command <words>', 'how the hook calls this program (default: this installation)')
  examples(
    command,
    'holdfast guard install --git --agent claude-code',
    `holdfast guard install --agent claude-code --command 'npx holdfast' --dry-run`,
    'holdfast guard install --git --agent claude-code --remove',
  )
  shell.does(command, async (flags: InstallFlags) => {
    if (flags.git !== true && flags.agent === undefined) {
      throw new UsageError('git, agent: say where to install the guard: --git, --agent NAME or both.')
    }
    const root = guardedRoot(flags.root, workingFolder())
    // Everything is planned before anything is written, so that a fault in one leaves the other as it was.
    const plans = [
      ...(flags.git === true
        ? (await planGit(shell, root, flags)).map(plan => ({ hook: 'git', plan, agent: null }))
        : []),
      ...(flags.agent === undefined ? [] : [await planAgent(shell, root, flags, flags.agent)]),
    ]
    if (flags.dryRun !== true) for (const { plan } of plans) await applyChange(plan)
    const notes = flags.dryRun === true ? [] : await recorded(root, flags, plans)
    const main = plans.filter(({ plan, agent }) => agent !== null || isMainOf(plan, plans))
    const changes = main.map(({ hook, plan }, index) => {
      const { notes: own, ...what } = shown(plan)
      const further = plans.flatMap(each => (each.plan.besides === plan.file ? [furtherOf(each.plan)] : []))
      const about = { hook, change: kindOf(plan), ...what, notes: index === 0 ? [...own, ...notes] : own }
      return further.length === 0 ? about : { ...about, further }
    })
    const answer: GuardInstallAnswer = { dryRun: flags.dryRun === true, changes }
    await shell.answer(answer, lines)
    return EXIT.done
  })
}

function planGit(shell: Shell, root: string, flags: InstallFlags): Promise<readonly PlannedChange[]> {
  return planGitHooks(root, { command: commandLine(shell, flags, 'git'), remove: flags.remove === true })
}

async function planAgent(shell: Shell, root: string, flags: InstallFlags, agent: string): Promise<Planned> {
  // Late: `guard check` shares this file's way in, and runs before every edit.
  const { localConfiguration } = await import('../input/local-configuration.ts')
  const { guard } = await localConfiguration(shell.globals.config, workingFolder())
  const shape = await hookShape(agent, guard)
  const name = isFile(agent) ? resolve(agent) : agent
  // Agents let a tool run when its hook breaks; whatever goes wrong is turned into the code that blocks.
  const command = `${commandLine(shell, flags, name)} || exit ${shape.refusedExitCode}`
  const plan = planAgentHook(root, { name, shape, command, mark: markOf(name), remove: flags.remove === true })
  const list = shape.source === 'document' ? [...(shape.settings?.list ?? [])] : []
  const entered = { command, file: relative(root, plan.file), list, mark: markOf(name), ...enteredNow(flags) }
  return { hook: agent, plan, agent: { name, entered } }
}

interface Planned {
  readonly hook: string
  readonly plan: PlannedChange
  /** What is recorded of an agent's hook. */
  readonly agent: { readonly name: string; readonly entered: EnteredAgentGuard } | null
}

function enteredNow({ command: program }: InstallFlags): { enteredAtMs: number; program?: string } {
  return { enteredAtMs: Date.now(), ...(program === undefined ? {} : { program }) }
}

/** Records what was entered, for `doctor` to miss it when it goes. What keeps that from being done is told. */
async function recorded(root: string, flags: InstallFlags, plans: readonly Planned[]): Promise<readonly string[]> {
  const isRemoval = flags.remove === true
  const git = plans.find(({ agent }) => agent === null)
  const agents = plans.flatMap(({ agent }) =>
    agent === null ? [] : ([[agent.name, isRemoval ? null : agent.entered]] as const),
  )
  const entered = git === undefined || isRemoval ? null : { command: git.plan.text, ...enteredNow(flags) }
  const what = { ...(git === undefined ? {} : { git: entered }), agents: new Map(agents) }
  const untold = 'so `holdfast doctor` does not miss it when it goes'
  try {
    return (await recordEntered(root, what)) || isRemoval ? [] : [`there is no place to record it in, ${untold}`]
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return isRemoval ? [] : [`it could not be recorded (${error.message}), ${untold}`]
  }
}

function markOf(hook: string): string {
  return `guard check --hook ${quoted(hook)}`
}

/** The command that a hook runs, with the flags that say which ledger is meant. */
function commandLine(shell: Shell, { command }: InstallFlags, hook: string): string {
  const { store, ledger, config } = shell.globals
  const program = command ?? [process.execPath, realpathSync(process.argv[1] ?? '')].map(quoted).join(' ')
  const flags = [
    ...(store === undefined ? [] : ['--store', quoted(anchoredStore(store))]),
    ...(ledger === 'default' ? [] : ['--ledger', quoted(ledger)]),
    ...(config === undefined ? [] : ['--config', quoted(resolve(config))]),
  ]
  return [program, markOf(hook), ...flags].join(' ')
}

/** A word for /bin/sh. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

type Change = GuardInstallAnswer['changes'][number]

function kindOf({ before, after }: PlannedChange): Change['change'] {
  if (before === after) return 'none'
  if (before === null) return 'made'
  return after === null ? 'removed' : 'changed'
}

/** Where the first hook of an installation is a file of somebody else, the others stand for themselves. */
function isMainOf({ besides }: PlannedChange, plans: readonly Planned[]): boolean {
  return besides === undefined || !plans.some(({ plan }) => plan.file === besides)
}

function furtherOf(plan: PlannedChange): NonNullable<Change['further']>[number] {
  const { file, text, notes } = shown(plan)
  return { file, change: kindOf(plan), text, notes }
}

function shown({ file, text, notes }: PlannedChange): Pick<Change, 'file' | 'text' | 'notes'> {
  return { file, text, notes: [...notes] }
}

function lines({ dryRun, changes }: GuardInstallAnswer): readonly string[] {
  const word = (change: Change['change']): string =>
    tone.good(dryRun && change !== 'none' ? `would be ${change}` : WORDS[change])
  const noted = (notes: readonly string[]): readonly string[] => notes.map(note => `  ${tone.warn('note')}  ${note}`)
  return changes.flatMap(({ change, file, hook, text, notes, further = [] }) => [
    `${word(change)}  ${plain(file)}  ${tone.faint(hook)}`,
    ...(change === 'made' || change === 'changed' ? [`  ${plain(text)}`] : []),
    ...noted(notes),
    ...further.flatMap(each => [
      `  ${word(each.change)}  ${plain(basename(each.file))} beside it`,
      ...noted(each.notes.filter(note => !notes.includes(note))),
    ]),
  ])
}

const WORDS = { made: 'made', changed: 'changed', removed: 'removed', none: 'unchanged' } as const
