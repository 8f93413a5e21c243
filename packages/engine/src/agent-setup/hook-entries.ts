import type { AgentName } from './agent-name.ts'
import type { Contribution } from './contribution.ts'

/** Counted up when the set of hooks changes, so that `doctor` tells an older one. */
export const HOOK_SET = 1

/** The events that are entered, by what an agent calls them; `tools`: it wants to be told for which tools. */
const EVENTS: Readonly<Record<Exclude<AgentName, 'opencode'>, Readonly<Record<string, 'tools' | 'all'>>>> = {
  'claude-code': {
    SessionStart: 'all',
    UserPromptSubmit: 'all',
    PreToolUse: 'tools',
    PostToolUse: 'tools',
    PostToolUseFailure: 'tools',
    PermissionRequest: 'tools',
    Notification: 'all',
    SubagentStart: 'all',
    SubagentStop: 'all',
    Stop: 'all',
    SessionEnd: 'all',
  },
  codex: {
    SessionStart: 'all',
    UserPromptSubmit: 'all',
    PreToolUse: 'tools',
    PostToolUse: 'tools',
    PermissionRequest: 'tools',
    SubagentStart: 'all',
    SubagentStop: 'all',
    Stop: 'all',
    SessionEnd: 'all',
  },
  cursor: {
    sessionStart: 'all',
    beforeSubmitPrompt: 'all',
    preToolUse: 'all',
    postToolUse: 'all',
    postToolUseFailure: 'all',
    subagentStart: 'all',
    subagentStop: 'all',
    stop: 'all',
    sessionEnd: 'all',
  },
  'gemini-cli': {
    SessionStart: 'all',
    BeforeAgent: 'all',
    BeforeTool: 'tools',
    AfterTool: 'tools',
    Notification: 'all',
    AfterAgent: 'all',
    SessionEnd: 'all',
  },
}

/** What matches every tool. */
const ALL_TOOLS = { 'claude-code': '*', codex: '.*', 'gemini-cli': '.*' } as const

/** The event before a tool, at which a command that does not run must not let the tool run. */
const BEFORE: ReadonlySet<string> = new Set(['PreToolUse', 'preToolUse', 'BeforeTool'])

/** Words that tell a hook of ours, of whatever version and way to call the program. */
export function hookMark(agent: AgentName): string {
  return ` guard check --hook ${agent}`
}

export function hookEvents(agent: AgentName): readonly string[] {
  return agent === 'opencode' ? [] : Object.keys(EVENTS[agent])
}

/** The command that an event of an agent runs. */
export function hookCommand(agent: AgentName, event: string, program: string): string {
  // Agents let a tool run when its hook breaks; whatever goes wrong becomes the code that blocks.
  return `${program}${hookMark(agent)}${BEFORE.has(event) ? ' || exit 2' : ''}`
}

/** The entries in an agent's list of hooks. */
export function hookEntries(
  agent: Exclude<AgentName, 'opencode'> | AgentName,
  program: string,
): readonly Contribution[] {
  if (agent === 'opencode') return []
  return Object.entries(EVENTS[agent]).map(([event, matches]) => {
    const command = hookCommand(agent, event, program)
    return { form: 'element', list: ['hooks', event], element: entryOf(agent, command, matches), mark: hookMark(agent) }
  })
}

function entryOf(agent: Exclude<AgentName, 'opencode'>, command: string, matches: 'tools' | 'all'): object {
  if (agent === 'cursor') return { command }
  const hooks = [{ type: 'command', command }]
  return matches === 'all' ? { hooks } : { matcher: ALL_TOOLS[agent], hooks }
}
