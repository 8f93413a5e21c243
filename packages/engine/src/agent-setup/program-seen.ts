import { agentFiles, type SetupPlace } from './agent-files.ts'
import type { AgentName } from './agent-name.ts'
import { textIn } from './file-plan.ts'
import { hookMark } from './hook-entries.ts'
import type { SetupProgram } from './program.ts'

/** The file in which an agent's hooks, or its plugin, stand. */
export function hooksText(agent: AgentName, place: SetupPlace): string | null {
  const [hooks] = agentFiles(agent, place, { program: { by: 'path' }, skill: '' })
  try {
    return hooks === undefined ? null : textIn(hooks.file)
  } catch {
    return null // It is planned, and told of, when it is asked for.
  }
}

/** How the hooks that stand there call this program; `null`: there are none. */
export function programSeen(agent: AgentName, place: SetupPlace): SetupProgram | null {
  const text = hooksText(agent, place) ?? ''
  const found = new RegExp(`"((?:[^"\\\\]|\\\\.)*)${hookMark(agent)}[ "\\\\]`).exec(text)?.[1]
  if (found === undefined) return null
  const words = String(JSON.parse(`"${found}"`))
  if (words === 'holdfast') return { by: 'path' }
  if (!words.endsWith('node_modules/.bin/holdfast')) return { by: 'words', words }
  return words.includes('node_modules/.bin/node ') ? { by: 'project', ownNode: true } : { by: 'project' }
}
