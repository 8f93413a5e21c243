import type { AgentName } from './agent-name.ts'
import { hookEvents } from './hook-entries.ts'

/** What a document of an agent is made of. */
export interface SampleOf {
  readonly session: string
  readonly folder: string
  /** The file that the tool is about, relative to the folder. */
  readonly file: string
}

/** The events of opencode that its plugin hands on. */
const OF_OPENCODE = [
  'session.created',
  'chat.message',
  'tool.execute.before',
  'tool.execute.after',
  'permission.asked',
  'session.idle',
  'session.deleted',
] as const

/** The events of which a setup sends itself one document each, in the order of a session. */
export function sampledEvents(agent: AgentName): readonly string[] {
  return agent === 'opencode' ? OF_OPENCODE : hookEvents(agent)
}

/** The event at which a tool that writes can be refused. */
export const BEFORE_TOOL: Readonly<Record<AgentName, string>> = {
  'claude-code': 'PreToolUse',
  codex: 'PreToolUse',
  cursor: 'preToolUse',
  'gemini-cli': 'BeforeTool',
  opencode: 'tool.execute.before',
}

/** A document of an event, as the agent's documentation has it. */
export function sampleDocument(agent: AgentName, event: string, of: SampleOf): Readonly<Record<string, unknown>> {
  if (agent === 'opencode') return ofOpenCode(event, of)
  const id = agent === 'cursor' ? { conversation_id: of.session } : { session_id: of.session }
  const about = { ...id, hook_event_name: event, cwd: of.folder }
  if (/notification/i.test(event)) return { ...about, ...NOTICES[agent], message: 'a check of holdfast setup' }
  if (/subagent/i.test(event)) return { ...about, [agent === 'cursor' ? 'subagent_id' : 'agent_id']: 'check' }
  return /tool|permission/i.test(event) ? { ...about, ...toolOf(agent, of.file) } : about
}

const NOTICES = {
  'claude-code': { notification_type: 'permission_prompt' },
  codex: {},
  cursor: {},
  'gemini-cli': { notification_type: 'ToolPermission' },
} as const

function toolOf(agent: Exclude<AgentName, 'opencode'>, file: string): Readonly<Record<string, unknown>> {
  if (agent === 'codex') {
    const command = `*** Begin Patch\n*** Add File: ${file}\n+\n*** End Patch`
    return { tool_name: 'apply_patch', tool_input: { command } }
  }
  const name = agent === 'gemini-cli' ? 'write_file' : 'Write'
  return { tool_name: name, tool_input: { file_path: file, content: '' } }
}

function ofOpenCode(event: string, { session, folder, file }: SampleOf): Readonly<Record<string, unknown>> {
  const tool = { tool: 'write', sessionID: session, callID: 'check' }
  if (event === 'chat.message') return { hook: event, input: { sessionID: session }, directory: folder }
  if (event.startsWith('tool.')) {
    return { hook: event, input: tool, output: { args: { filePath: file } }, directory: folder }
  }
  const properties = event === 'session.created' ? { info: { id: session } } : { sessionID: session }
  return { hook: 'event', event: { type: event, properties }, directory: folder }
}
