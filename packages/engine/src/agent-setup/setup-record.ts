import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { locationAtLeast } from '../which-ledger/work-tree.ts'
import { applyChange, textOf } from '../write-guard/planned-change.ts'
import type { SetupPlace } from './agent-files.ts'
import { AGENT_NAMES } from './agent-name.ts'

const MODE = 0o600

const Edit = z.object({ at: z.int().min(0), length: z.int().min(0), text: z.string() })
const Written = z.object({
  sha256: z.string(),
  undo: z.array(Edit).nullable(),
  defaults: z.array(z.array(z.string())),
})
const Program = z.discriminatedUnion('by', [
  z.object({ by: z.literal('path') }),
  z.object({ by: z.literal('project'), ownNode: z.boolean().optional() }),
  z.object({ by: z.literal('words'), words: z.string() }),
])

/** What setup has written in one place. It holds positions and what was cut, and nothing else of anybody's files. */
const Installation = z.object({
  hookSet: z.int(),
  program: Program,
  agents: z.array(z.enum(AGENT_NAMES)),
  files: z.record(z.string(), Written),
  madeFolders: z.array(z.string()),
})
export type Installation = z.infer<typeof Installation>

const Installations = z.object({ version: z.literal(1), places: z.record(z.string(), Installation) })

/** What setup has written here, as far as somebody has recorded it; `null`: nothing is known of it. */
export function installationAt(place: SetupPlace): Installation | null {
  return installations(place)[keyOf(place)] ?? null
}

/**
 * Records it; `null` takes it out. `false`: there is no place to record it in.
 *
 * @throws InputError where it cannot be written.
 */
export async function recordInstallation(place: SetupPlace, installation: Installation | null): Promise<boolean> {
  const file = recordFile(place)
  if (file === null) return false
  const { [keyOf(place)]: _, ...others } = installations(place)
  const places = installation === null ? others : { ...others, [keyOf(place)]: installation }
  const isEmpty = Object.keys(places).length === 0
  const after = isEmpty ? null : `${JSON.stringify({ version: 1, places }, null, 2)}\n`
  await applyChange({ file, before: textOf(file), after, newMode: MODE, text: '', notes: [] })
  return true
}

function installations(place: SetupPlace): Readonly<Record<string, Installation>> {
  const file = recordFile(place)
  try {
    const text = file === null ? null : textOf(file)
    return text === null ? {} : Installations.parse(JSON.parse(text)).places
  } catch {
    // Without it only ours is taken out, where it would have been all as before.
    return {}
  }
}

function keyOf({ scope, root, home }: SetupPlace): string {
  return scope === 'project' ? root : home
}

/** Beside git's own files, where no checkout takes it away; for a user beside the state of other programs. */
function recordFile({ scope, root, home, environment }: SetupPlace): string | null {
  if (scope === 'user') {
    return join(environment['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'holdfast', 'setup.json')
  }
  const { repository } = locationAtLeast(root, {})
  if (repository !== null) return join(repository.commonDir, 'holdfast-setup.json')
  const folder = join(root, '.holdfast')
  return existsSync(folder) ? join(folder, 'setup.json') : null
}
