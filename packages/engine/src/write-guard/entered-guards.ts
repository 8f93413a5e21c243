import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { placeAtLeast } from '../which-ledger/work-tree.ts'
import { applyChange, textOf } from './planned-change.ts'

/** Beside the git directory's own files: all work trees share it, and no checkout takes it away. */
const FILE = 'holdfast-guards.json'

const MODE = 0o644

const Entered = z.looseObject({
  /** The command that the hook runs. */
  command: z.string(),
  /** What `--command` said, where it did. */
  program: z.string().optional(),
  enteredAtMs: z.number(),
})

const EnteredAgent = z.looseObject({
  ...Entered.shape,
  /** The settings, relative to the root. */
  file: z.string(),
  list: z.array(z.string()),
  /** Words that tell the guard's entry from others. */
  mark: z.string(),
})

/** In which hooks of a repository the guard was entered, so that one that goes is missed. */
const EnteredGuards = z.looseObject({
  git: Entered.optional(),
  /** By the agent's name. */
  agents: z.record(z.string(), EnteredAgent).default({}),
})

export type EnteredGuard = z.infer<typeof Entered>
export type EnteredAgentGuard = z.infer<typeof EnteredAgent>
export type EnteredGuards = z.infer<typeof EnteredGuards>

/** What was entered under a root. `unreadable`: something is recorded, and nobody knows what. */
export function enteredGuards(root: string): EnteredGuards | 'unreadable' {
  const file = recordFile(root)
  if (file === null) return { agents: {} }
  try {
    const text = textOf(file)
    return text === null ? { agents: {} } : EnteredGuards.parse(JSON.parse(text))
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
  const known = found === 'unreadable' ? { agents: {} } : found
  const named = new Map(Object.entries(known.agents))
  for (const [name, entered] of agents ?? []) {
    if (entered === null) named.delete(name)
    else named.set(name, entered)
  }
  const { git: before, ...others } = known
  const now = git === undefined ? before : (git ?? undefined)
  const isEmpty = now === undefined && named.size === 0
  const next = { ...others, ...(now === undefined ? {} : { git: now }), agents: Object.fromEntries(named) }
  const after = isEmpty ? null : `${JSON.stringify(next, null, 2)}\n`
  await applyChange({ file, before: textOf(file), after, newMode: MODE, text: '', notes: [] })
  return true
}

function recordFile(root: string): string | null {
  const { repository } = placeAtLeast(root, {})
  if (repository !== null) return join(repository.commonDir, FILE)
  const folder = join(root, '.holdfast')
  return existsSync(folder) ? join(folder, FILE) : null
}
