import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { agentFolder, type SetupPlace } from './agent-files.ts'
import { AGENT_NAMES, type AgentName } from './agent-name.ts'

/** What of an agent is seen, in words for people. */
export interface DetectedAgent {
  readonly agent: AgentName
  readonly seen: readonly string[]
}

/** What an agent leaves at the top of a project. */
const IN_PROJECT: Readonly<Record<AgentName, readonly string[]>> = {
  'claude-code': ['.claude', 'CLAUDE.md', '.mcp.json'],
  codex: ['.codex'],
  cursor: ['.cursor', '.cursorrules'],
  'gemini-cli': ['.gemini', 'GEMINI.md'],
  opencode: ['.opencode', 'opencode.json', 'opencode.jsonc'],
}

/** The agents of which something is seen in the project, or in the home of the user. */
export function detectAgents(place: SetupPlace): readonly DetectedAgent[] {
  const atHome: SetupPlace = { ...place, scope: 'user' }
  return AGENT_NAMES.flatMap(agent => {
    const inProject = IN_PROJECT[agent].filter(name => existsSync(join(place.root, name)))
    const folder = agentFolder(agent, atHome)
    const seen = [...inProject, ...(existsSync(folder) ? [folder] : [])]
    return seen.length === 0 ? [] : [{ agent, seen }]
  })
}
