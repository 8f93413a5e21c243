import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { findCommand } from '../run/find-command.ts'
import { enteredGuards, type EnteredGuard } from './entered-guards.ts'
import { blockCommand } from './git-hook-text.ts'
import { GIT_HOOKS, type GitHook } from './git-hook-names.ts'
import { hookPlaces, type HookPlace } from './hook-places.ts'
import { hookWords } from './hook-words.ts'
import { HOOKS } from './hooks.ts'
import { entriesOf } from './json-entry.ts'
import { hooksOf, isExecutable } from './plan-git-hook.ts'
import { isOfOtherTree } from './plan-git-hooks.ts'
import { textOf } from './planned-change.ts'

/** The guard as it was entered in a hook, and whether that can still run. */
export interface InstalledGuard {
  /** `git`, or the name of an agent's hook. */
  readonly hook: string
  readonly file: string
  /** The work tree from which it is entered anew. */
  readonly tree: string
  /** Why it does not run, as part of a sentence; `null`: nothing was found to be wrong. */
  readonly fault: string | null
  /** When its file was last changed, or it was entered, where it is not there any more. */
  readonly sinceMs: number | null
  /** What `guard install --command` said when it was entered. */
  readonly program?: string | undefined
}

/**
 * The guard in the hooks of the repository of `root`: those in which it stands, and those in which it should and does not,
 * because it was entered there, or in this repository. The git hooks (`GIT_HOOKS`) of all work trees and their submodules; the
 * settings of agents under `root` alone.
 */
export async function installedGuards(root: string): Promise<readonly InstalledGuard[]> {
  const entered = enteredGuards(root)
  return [...(await gitGuards(root, entered)), ...agentGuards(root, entered)]
}

async function gitGuards(root: string, entered: ReturnType<typeof enteredGuards>): Promise<readonly InstalledGuard[]> {
  if (!existsSync(join(root, '.git'))) return []
  const found: InstalledGuard[] = []
  const without: { readonly file: string; readonly hook: GitHook; readonly place: HookPlace }[] = []
  const recorded = entered === 'unreadable' ? undefined : entered.git
  for (const place of hookPlaces(root).places) {
    const folder = await whereGitLooks(place.folder)
    for (const hook of GIT_HOOKS) {
      const here = guardsOf(place, { folder, hook, recorded })
      for (const guard of here.guards) if (!isAmong(guard.file, found)) found.push(guard)
      if (here.without === null) continue
      without.push({ file: here.without, hook, place })
      // Without the first one nothing was entered here, and entering it enters all.
      if (hook === GIT_HOOKS[0]) break
    }
  }
  if (entered !== 'unreadable' && recorded === undefined && found.length === 0) return []
  const since = { sinceMs: recorded?.enteredAtMs ?? null, program: recorded?.program }
  for (const { file, hook, place } of without) {
    if (isAmong(file, found)) continue
    const fault = `it is not there, and ${hook.checks} in ${place.folder} are not checked`
    found.push({ hook: 'git', file, tree: isOfOtherTree(file, place, root) ? place.tree : root, fault, ...since })
  }
  return found
}

function isAmong(file: string, guards: readonly InstalledGuard[]): boolean {
  return guards.some(guard => guard.file === file)
}

interface GuardsHere {
  readonly guards: readonly InstalledGuard[]
  /** The hook that git runs here, where the guard stands in none; `null`: it does, or git is not there. */
  readonly without: string | null
}

function guardsOf(
  { folder, tree }: HookPlace,
  {
    folder: looked,
    hook: { name },
    recorded,
  }: { readonly folder: string | null; readonly hook: GitHook; readonly recorded: EnteredGuard | undefined },
): GuardsHere {
  const used = looked === null ? null : join(looked, name)
  const usual = join(folder, '.git', 'hooks', name)
  const files = [...new Set([...(used === null ? [] : [used]), usual])]
  const guards = files.flatMap(file => {
    const command = readable(file, text => blockCommand(text))
    if (command === null) return []
    const isUsed = used === null || file === used
    const fault = isUsed ? gitFault(file, { command, tree, recorded }) : `git looks for hooks in ${dirname(used)}`
    return [{ hook: 'git', file, tree, fault, sinceMs: changedMs(file), program: recorded?.program }]
  })
  return { guards, without: guards.length > 0 ? null : used }
}

function gitFault(
  file: string,
  {
    command,
    tree,
    recorded,
  }: { readonly command: string; readonly tree: string; readonly recorded: EnteredGuard | undefined },
): string | null {
  if (!isExecutable(file)) return 'git ignores it, for it is not executable'
  return commandFault(command, tree) ?? (recorded === undefined ? null : staleFault(command, recorded.command))
}

/** One that asks another ledger than the one that was entered last. Another way to call the program is none of it. */
function staleFault(command: string, recorded: string): string | null {
  const [there, entered] = [hookWords(command, '') ?? [], hookWords(recorded, '') ?? []]
  const flag = ['--store', '--ledger', '--config'].find(name => valueOf(there, name) !== valueOf(entered, name))
  return flag === undefined ? null : `it is older than what was entered last, which has another ${flag}`
}

async function whereGitLooks(root: string): Promise<string | null> {
  try {
    return (await hooksOf(root)).folder
  } catch {
    return null // No git here, so no commit either.
  }
}

function agentGuards(root: string, entered: ReturnType<typeof enteredGuards>): readonly InstalledGuard[] {
  const found = Object.keys(HOOKS).flatMap(name => agentGuardsIn(root, name))
  const recorded = entered === 'unreadable' ? [] : [...entered.agents]
  const gone = recorded.flatMap(([name, { file: place, list, mark, enteredAtMs, program }]) => {
    const file = resolve(root, place)
    const entries = readable(file, text => entriesOf(text, list)) ?? []
    if (entries.some(entry => commandsIn(entry).some(command => command.includes(mark)))) return []
    const fault = `it was entered in this repository and is not there, so ${name} is not checked in ${root}`
    return [{ hook: name, file, tree: root, fault, sinceMs: enteredAtMs, program }]
  })
  return [...found, ...gone]
}

function agentGuardsIn(root: string, name: string): readonly InstalledGuard[] {
  const shape = HOOKS[name]
  if (shape?.source !== 'document' || shape.settings === undefined) return []
  const { file: place, list } = shape.settings
  const file = resolve(root, place)
  const entries = readable(file, text => entriesOf(text, list)) ?? []
  return entries.flatMap(commandsIn).map(command => {
    return { hook: name, file, tree: root, fault: commandFault(command, root), sinceMs: changedMs(file) }
  })
}

/** The guard's commands in an entry of whatever form. */
function commandsIn(entry: unknown): readonly string[] {
  if (typeof entry === 'string') return entry.includes(' guard check --hook ') ? [entry] : []
  if (typeof entry !== 'object' || entry === null) return []
  return Object.values(entry).flatMap(commandsIn)
}

/** Whether the words of a guard's command, called in `root`, still lead anywhere. What cannot be told is no fault. */
function commandFault(command: string, root: string): string | null {
  const words = hookWords(command, root)
  if (words === null) return null
  const [named = ''] = words
  const program = named.includes('/') ? resolve(root, named) : named
  const { found } = findCommand(program, process.env['PATH'] ?? '')
  if (found === 'missing') return `its program ${program} is not there`
  if (found === 'not-executable') return `its program ${program} is not executable`
  const script = words[1]
  if (script?.startsWith('/') === true && !existsSync(script)) return `its program ${script} is not there`
  const store = valueOf(words, '--store')
  const path = store === null ? undefined : /^sqlite:(?<path>\/.+)$/isu.exec(store)?.groups?.['path']
  if (path !== undefined && !existsSync(path)) return `its store ${path} is not there`
  const config = valueOf(words, '--config')
  return config?.startsWith('/') === true && !existsSync(config) ? `its configuration ${config} is not there` : null
}

function valueOf(words: readonly string[], flag: string): string | null {
  const place = words.indexOf(flag)
  return place === -1 ? null : (words[place + 1] ?? null)
}

/** What is in a file; `null` where there is none, or it cannot be read as what it should be. */
function readable<T>(file: string, read: (text: string) => T): T | null {
  try {
    const text = textOf(file)
    return text === null ? null : read(text)
  } catch {
    return null // Whoever owns the file hears of that from its own program.
  }
}

function changedMs(file: string): number | null {
  try {
    return Math.round(statSync(file).mtimeMs)
  } catch {
    return null
  }
}
