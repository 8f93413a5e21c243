import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  agentFiles,
  pathOfAgents,
  programOf,
  serverWords,
  verifyAgent,
  type AgentName,
  type SetupCheck,
  type SetupPlace,
  type SetupProgram,
} from '@holdfast/engine/agent-setup'
import { ownCommand } from './own-command.ts'

/** Tries the hooks of agents as they were written, on a ledger of its own that goes away: nothing of it is in the real one. */
export async function verified(
  agents: readonly AgentName[],
  { place, program, claims }: { readonly place: SetupPlace; readonly program: SetupProgram; readonly claims: boolean },
): Promise<readonly SetupCheck[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-setup-'))
  try {
    const own = { ...withoutOurs(place.environment), HOLDFAST_STORE: `sqlite:${join(scratch, 'ledger.db')}` }
    // As an agent calls them: npx, by which this may run, has put a Node and programs into the PATH for itself alone.
    const environment = { ...own, PATH: pathOfAgents(place.environment['PATH'] ?? '') }
    const isProject = place.scope === 'project'
    const folder = isProject ? place.root : scratch
    if (!isProject) writeFileSync(join(scratch, 'holdfast.config.json'), '{"guard": {"unclaimed": "claim"}}')
    await ownCommand(['init'], { folder, environment })
    const checks = await Promise.all(
      agents.map(agent => {
        const [hooks] = agentFiles(agent, place, { program, skill: '' })
        const plugin = agent === 'opencode' ? hooks?.file : undefined
        const server = hasServer(agent, place) ? serverWords(program) : null
        const about = { agent, program: programOf(program, agent), folder, environment, plugin, server }
        return verifyAgent({ ...about, claims: claims || !isProject })
      }),
    )
    return checks.flat()
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** In the home of a user the tool server of Claude Code is entered by its own command. */
function hasServer(agent: AgentName, { scope }: SetupPlace): boolean {
  return agent !== 'claude-code' || scope === 'project'
}

/** Neither the holder of a surrounding session nor a hook's repository is meant. */
function withoutOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(?:HOLDFAST|GIT)_/.test(name)))
}
