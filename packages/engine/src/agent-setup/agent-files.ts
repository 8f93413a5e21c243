import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentName } from './agent-name.ts'
import type { Contribution, SetupFile } from './contribution.ts'
import { hookEntries } from './hook-entries.ts'
import { openCodePlugin, PLUGIN_MARK } from './opencode-plugin.ts'
import { programOf, serverWords, type SetupProgram, type SetupScope } from './program.ts'

/** Where files go. */
export interface SetupPlace {
  readonly root: string
  readonly home: string
  readonly scope: SetupScope
  readonly environment: NodeJS.ProcessEnv
}

export interface Wanted {
  readonly program: SetupProgram
  /** The text of the skill file. */
  readonly skill: string
}

const SKILL_MARK = 'name: holdfast\n'
const SKILL = join('skills', 'holdfast', 'SKILL.md')

/** What setup writes for an agent: hooks, the tool server, the skill. Sources and dates: docs/agents.md. */
export function agentFiles(agent: AgentName, place: SetupPlace, wanted: Wanted): readonly SetupFile[] {
  const folder = agentFolder(agent, place)
  const [command, ...args] = serverWords(wanted.program)
  const hooks = hookEntries(agent, programOf(wanted.program, agent))
  const server = { command, args }
  const mcp: Contribution = { form: 'member', path: ['mcpServers', 'holdfast'], value: server }
  const skill: Contribution = { form: 'whole', text: wanted.skill, mark: SKILL_MARK }
  // Codex, Cursor, Gemini CLI and opencode read the same folder of skills.
  const shared = { file: join(base(place), '.agents', SKILL), contributions: [skill] }
  switch (agent) {
    case 'claude-code':
      return [
        { file: join(folder, 'settings.json'), contributions: hooks },
        // In the home that file is the agent's own state, which it writes all the time.
        ...(place.scope === 'project' ? [{ file: join(place.root, '.mcp.json'), contributions: [mcp] }] : []),
        { file: join(folder, SKILL), contributions: [skill] },
      ]
    case 'codex':
      return [
        { file: join(folder, 'hooks.json'), contributions: hooks },
        { file: join(folder, 'config.toml'), contributions: [table(server)] },
        shared,
      ]
    case 'cursor': {
      const version: Contribution = { form: 'default', path: ['version'], value: 1 }
      return [
        { file: join(folder, 'hooks.json'), contributions: [version, ...hooks] },
        { file: join(folder, 'mcp.json'), contributions: [mcp] },
        shared,
      ]
    }
    case 'gemini-cli':
      return [{ file: join(folder, 'settings.json'), contributions: [...hooks, mcp] }, shared]
    case 'opencode': {
      const plugin = openCodePlugin(programOf(wanted.program, agent))
      const local = { type: 'local', command: [command, ...args], enabled: true }
      return [
        {
          file: join(folder, 'plugins', 'holdfast.js'),
          contributions: [{ form: 'whole', text: plugin, mark: PLUGIN_MARK }],
        },
        {
          file: openCodeConfig(place),
          // The form of version 1, which version 2 reads as well.
          contributions: [{ form: 'member', path: ['mcp', 'holdfast'], value: local }],
        },
        shared,
      ]
    }
  }
}

function table({ command, args }: { readonly command: string; readonly args: readonly string[] }): Contribution {
  // A basic string of TOML is escaped as one of JSON.
  const text = `[mcp_servers.holdfast]\ncommand = ${JSON.stringify(command)}\nargs = [${args.map(arg => JSON.stringify(arg)).join(', ')}]\n`
  return { form: 'table', names: ['mcp_servers', 'holdfast'], text }
}

function base({ scope, root, home }: SetupPlace): string {
  return scope === 'project' ? root : home
}

const FOLDERS: Readonly<Record<AgentName, string>> = {
  'claude-code': '.claude',
  codex: '.codex',
  cursor: '.cursor',
  'gemini-cli': '.gemini',
  opencode: '.opencode',
}

/** The folder of an agent's settings. */
export function agentFolder(agent: AgentName, place: SetupPlace): string {
  if (place.scope === 'project') return join(place.root, FOLDERS[agent])
  const { home, environment } = place
  const named = environment[FOLDER_VARIABLES[agent] ?? ''] ?? ''
  if (named !== '') return named
  return agent === 'opencode'
    ? join(environment['XDG_CONFIG_HOME'] || join(home, '.config'), 'opencode')
    : join(home, FOLDERS[agent])
}

const FOLDER_VARIABLES: Readonly<Partial<Record<AgentName, string>>> = {
  'claude-code': 'CLAUDE_CONFIG_DIR',
  codex: 'CODEX_HOME',
}

function openCodeConfig(place: SetupPlace): string {
  const folder = place.scope === 'project' ? place.root : agentFolder('opencode', place)
  const commented = join(folder, 'opencode.jsonc')
  return existsSync(commented) ? commented : join(folder, 'opencode.json')
}
