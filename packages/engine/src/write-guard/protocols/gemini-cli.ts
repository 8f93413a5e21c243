import type { DocumentHook } from '../hook-shape.ts'
import { mcpWriters } from './mcp-writers.ts'

const context = (event: string) => ({ hookSpecificOutput: { hookEventName: event, additionalContext: '{text}' } })

/** Gemini CLI. Sources and dates: docs/agents.md. */
export const GEMINI_CLI: DocumentHook = {
  source: 'document',
  tool: 'tool_name',
  writers: ['replace', 'write_file'],
  paths: ['tool_input.file_path'],
  directory: 'cwd',
  refusedExitCode: 2,
  settings: {
    file: '.gemini/settings.json',
    list: ['hooks', 'BeforeTool'],
    entry: { matcher: 'replace|run_shell_command|write_file', hooks: [{ type: 'command', command: '{command}' }] },
  },
  event: ['hook_event_name'],
  events: [
    { name: 'SessionStart', kind: 'session-start', tells: context('SessionStart') },
    { name: 'BeforeAgent', kind: 'prompt', tells: context('BeforeAgent') },
    { name: 'BeforeTool', kind: 'before-tool' },
    { name: 'AfterTool', kind: 'after-tool', tells: context('AfterTool') },
    { name: 'Notification', kind: 'waiting', when: { field: 'notification_type', is: ['ToolPermission'] } },
    { name: 'Notification', kind: 'other' },
    { name: 'AfterAgent', kind: 'stop' },
    { name: 'SessionEnd', kind: 'session-end' },
    { name: 'PreCompress', kind: 'other' },
    { name: 'BeforeModel', kind: 'other' },
    { name: 'AfterModel', kind: 'other' },
    { name: 'BeforeToolSelection', kind: 'other' },
  ],
  session: ['session_id'],
  tools: [...mcpWriters('mcp__*__', 'tool_input'), ...mcpWriters('mcp_*_', 'tool_input')],
  shell: {
    tools: ['run_shell_command'],
    command: ['tool_input.command'],
    directory: ['tool_input.dir_path', 'tool_input.directory'],
  },
  detail: ['message', 'tool_name'],
}
