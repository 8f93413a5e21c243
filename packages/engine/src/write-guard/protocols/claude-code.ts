import type { DocumentHook } from '../hook-shape.ts'
import { mcpWriters } from './mcp-writers.ts'

const context = (event: string) => ({ hookSpecificOutput: { hookEventName: event, additionalContext: '{text}' } })

/** Notifications behind which nothing happens until a human answers. */
const ASKS = ['permission_prompt']
const LISTENS = ['idle_prompt', 'elicitation_dialog', 'agent_needs_input']

/** Claude Code. Sources and dates: docs/agents.md. */
export const CLAUDE_CODE: DocumentHook = {
  source: 'document',
  tool: 'tool_name',
  writers: ['Edit', 'MultiEdit', 'NotebookEdit', 'Write'],
  paths: ['tool_input.file_path', 'tool_input.notebook_path', 'tool_input.edits[].file_path'],
  directory: 'cwd',
  // Exit code 2 blocks the tool and shows standard error to the model; any other failure would let it run.
  refusedExitCode: 2,
  settings: {
    file: '.claude/settings.json',
    list: ['hooks', 'PreToolUse'],
    entry: {
      matcher: 'Bash|Edit|MultiEdit|NotebookEdit|Write',
      hooks: [{ type: 'command', command: '{command}' }],
    },
  },
  event: ['hook_event_name'],
  events: [
    { name: 'SessionStart', kind: 'session-start', tells: context('SessionStart') },
    { name: 'UserPromptSubmit', kind: 'prompt', tells: context('UserPromptSubmit') },
    { name: 'PreToolUse', kind: 'before-tool', tells: context('PreToolUse') },
    { name: 'PostToolUse', kind: 'after-tool', tells: context('PostToolUse') },
    { name: 'PostToolUseFailure', kind: 'after-tool', tells: context('PostToolUseFailure') },
    { name: 'PermissionRequest', kind: 'waiting' },
    { name: 'Elicitation', kind: 'waiting', waits: 'input' },
    { name: 'Notification', kind: 'waiting', when: { field: 'notification_type', is: ASKS } },
    { name: 'Notification', kind: 'waiting', waits: 'input', when: { field: 'notification_type', is: LISTENS } },
    { name: 'Notification', kind: 'other' },
    { name: 'PermissionDenied', kind: 'prompt' },
    { name: 'SubagentStart', kind: 'subagent-start', tells: context('SubagentStart') },
    { name: 'SubagentStop', kind: 'subagent-end' },
    { name: 'Stop', kind: 'stop' },
    { name: 'StopFailure', kind: 'stop' },
    { name: 'SessionEnd', kind: 'session-end' },
    { name: 'PreCompact', kind: 'other' },
    { name: 'PostCompact', kind: 'other' },
  ],
  session: ['session_id'],
  subagent: ['agent_id'],
  tools: mcpWriters('mcp__*__', 'tool_input'),
  shell: {
    tools: ['Bash', 'PowerShell'],
    command: ['tool_input.command'],
    directory: [],
    timeout: { field: 'tool_input.timeout', unit: 'ms' },
  },
  call: ['tool_use_id'],
  detail: ['message', 'tool_name', 'notification_type'],
}
