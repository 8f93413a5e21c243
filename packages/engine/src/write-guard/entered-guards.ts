import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { locationAtLeast } from '../which-ledger/work-tree.ts'
import { applyChange, textOf } from './planned-change.ts'

/** Beside the git directory's own files: all work trees share it, and no checkout takes it away. */
const FILE = 'holdfast-guards.json'

const MODE = 0o644

/** The guard as it was entered in a hook. */
export interface EnteredGuard {
  /** The command that the hook runs. */
  readonly command: string
  /** What `--command` said, where it did. */
  readonly program?: string | undefined
  readonly enteredAtMs: number
}

export interface EnteredAgentGuard extends EnteredGuard {
  /** The settings, relative to the root. */
  readonly file: string
  readonly list: readonly string[]
  /** Words that tell the guard's entry from others. */
  readonly mark: string
}

/** In which hooks of a repository the guard was entered, so that one that goes is missed. */
export interface EnteredGuards {
  readonly git?: EnteredGuard | undefined
  /** By the agent's name. */
  readonly agents: ReadonlyMap<string, EnteredAgentGuard>
}

const NOTHING: EnteredGuards = { agents: new Map() }

/** What was entered under a root. `unreadable`: something is recorded, and nobody knows what. */
export function enteredGuards(root: string): EnteredGuards | 'unreadable' {
  const file = recordFile(root)
  if (file === null) return NOTHING
  try {
    const text = textOf(file)
    return text === null ? NOTHING : (parsed(JSON.parse(text)) ?? 'unreadable')
  } catch {
    return 'unreadable'
  }
}

/**
 * Records what was entered, or taken out (`null`). Agents' names are own keys alone.
 *
 * @throws InputError where it cannot be written down. `false`: there is no place for it, outside git and without a ledger.
 */
export async function recordEntered(
  root: string,
  { git, agents }: { git?: EnteredGuard | null; agents?: ReadonlyMap<string, EnteredAgentGuard | null> },
): Promise<boolean> {
  const file = recordFile(root)
  if (file === null) return false
  const found = enteredGuards(root)
  const known = found === 'unreadable' ? NOTHING : found
  const named = new Map(known.agents)
  for (const [name, entered] of agents ?? []) {
    if (entered === null) named.delete(name)
    else named.set(name, entered)
  }
  const now = git === undefined ? known.git : (git ?? undefined)
  const isEmpty = now === undefined && named.size === 0
  const next = { ...(now === undefined ? {} : { git: now }), agents: Object.fromEntries(named) }
  const after = isEmpty ? null : `${JSON.stringify(next, null, 2)}\n`
  await applyChange({ file, before: textOf(file), after, newMode: MODE, text: '', notes: [] })
  return true
}

function recordFile(root: string): string | null {
  const { repository } = locationAtLeast(root, {})
  if (repository !== null) return join(repository.commonDir, FILE)
  const folder = join(root, '.holdfast')
  return existsSync(folder) ? join(folder, FILE) : null
}

/** By hand: `guard check` loads this file before every edit, and no schema with it. `null`: it says something else. */
function parsed(document: unknown): EnteredGuards | null {
  if (!isObject(document)) return null
  const { git, agents } = document
  if ((git !== undefined && !isEntered(git)) || !isObject(agents)) return null
  const named = new Map<string, EnteredAgentGuard>()
  for (const [name, entered] of Object.entries(agents)) {
    if (!isEnteredAgent(entered)) return null
    named.set(name, entered)
  }
  return { git, agents: named }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEntered(value: unknown): value is EnteredGuard {
  if (!isObject(value)) return false
  const { command, program, enteredAtMs } = value
  const isNamed = program === undefined || typeof program === 'string'
  return typeof command === 'string' && isNamed && Number.isSafeInteger(enteredAtMs)
}

function isEnteredAgent(value: unknown): value is EnteredAgentGuard {
  if (!isObject(value) || !isEntered(value)) return false
  const { file, list, mark }: Readonly<Record<string, unknown>> = { ...value }
  const isList = Array.isArray(list) && list.every(each => typeof each === 'string')
  return typeof file === 'string' && typeof mark === 'string' && isList
}
