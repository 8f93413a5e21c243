import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'jsonc-parser'
import { isWithin } from '../which-ledger/within.ts'
import { agentFolder, type SetupPlace } from './agent-files.ts'
import type { AgentName } from './agent-name.ts'

/** Agents whose sandbox lets commands write the work tree, and not for sure what lies in the git directory. */
export const IN_TREE_FOR: ReadonlySet<AgentName> = new Set(['codex', 'cursor'])

/**
 * What keeps commands that an agent types in its own shell from a ledger, and what to allow; `null`: nothing is known to. Hooks and
 * tool servers run outside these sandboxes, except with Gemini CLI, which runs as a whole in its own. Sources: docs/agents.md.
 */
export function sandboxAdvice(agent: AgentName, ledger: string, place: SetupPlace): string | null {
  const isInTree = isWithin(ledger, place.root) && !isWithin(ledger, join(place.root, '.git'))
  const folder = join(ledger, '..')
  switch (agent) {
    case 'codex':
      if (isInTree) return null
      return `its sandbox keeps .git and what lies outside of the project read-only, so \`holdfast\` typed in its shell cannot write ${ledger}; hooks and tools can. \`holdfast move --to sqlite:${join(place.root, '.holdfast', 'ledger.db')}\` moves the ledger into the main work tree, or allow ${folder} in sandbox_workspace_write.writable_roots of ~/.codex/config.toml`
    case 'cursor':
      if (isInTree) return null
      return `if its sandbox keeps commands in its terminal from ${folder}, allow that folder in additionalReadwritePaths of ~/.cursor/sandbox.json; hooks and tools reach it`
    case 'claude-code':
      if (isWithin(ledger, place.root) || !hasSandbox(place)) return null
      return `its sandbox lets commands write the working folder alone: allow ${folder} in sandbox.filesystem.allowWrite of .claude/settings.local.json; hooks and tools reach it`
    case 'gemini-cli':
      return 'with --sandbox it runs in a container as a whole: `holdfast` has to be in its image, and the folder of the ledger mounted there; without it every edit is refused'
    case 'opencode':
      return null
  }
}

function hasSandbox(place: SetupPlace): boolean {
  const project = agentFolder('claude-code', { ...place, scope: 'project' })
  const user = agentFolder('claude-code', { ...place, scope: 'user' })
  const files = [join(project, 'settings.json'), join(project, 'settings.local.json'), join(user, 'settings.json')]
  return files.some(file => {
    if (!existsSync(file)) return false
    try {
      const settings: unknown = parse(readFileSync(file, 'utf8'))
      if (typeof settings !== 'object' || settings === null || !('sandbox' in settings)) return false
      const { sandbox } = settings
      return typeof sandbox === 'object' && sandbox !== null && 'enabled' in sandbox && sandbox.enabled === true
    } catch {
      return false
    }
  })
}
