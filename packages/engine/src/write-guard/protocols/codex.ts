import type { DocumentHook } from '../hook-shape.ts'
import { mcpWriters } from './mcp-writers.ts'

const context = (event: string) => ({ hookSpecificOutput: { hookEventName: event, additionalContext: '{text}' } })

/**
 * Codex CLI. Files are edited by `apply_patch`, whose patch stands where a shell's command does. Some versions take a
 * PreToolUse answer with `additionalContext` for a faulty one and let the tool run, so nothing is told there. Sources and
 * dates: docs/agents.md.
 */
export const CODEX: DocumentHook = {
  source: 'document',
  tool: 'tool_name',
  writers: ['Edit', 'Write'],
  paths: ['tool_input.file_path', 'tool_input.path'],
  directory: 'cwd',
  // With exit code 2 and nothing on standard error the tool would run: a refusal always says why.
  refusedExitCode: 2,
  settings: {
    file: '.codex/hooks.json',
    list: ['hooks', 'PreToolUse'],
    entry: { matcher: 'apply_patch|Bash|Edit|Write|mcp__.*', hooks: [{ type: 'command', command: '{command}' }] },
  },
  event: ['hook_event_name'],
  events: [
    { name: 'SessionStart', kind: 'session-start', tells: context('SessionStart') },
    { name: 'UserPromptSubmit', kind: 'prompt', tells: context('UserPromptSubmit') },
    { name: 'PreToolUse', kind: 'before-tool' },
    { name: 'PostToolUse', kind: 'after-tool', tells: context('PostToolUse') },
    { name: 'PermissionRequest', kind: 'waiting' },
    { name: 'SubagentStart', kind: 'subagent-start', tells: context('SubagentStart') },
    { name: 'SubagentStop', kind: 'subagent-end' },
    { name: 'Stop', kind: 'stop' },
    { name: 'StopFailure', kind: 'stop' },
    { name: 'Interrupt', kind: 'stop' },
    { name: 'SessionEnd', kind: 'session-end' },
    { name: 'PreCompact', kind: 'other' },
    { name: 'PostCompact', kind: 'other' },
  ],
  session: ['session_id'],
  subagent: ['agent_id'],
  tools: [
    {
      names: ['apply_patch'],
      paths: [],
      patches: ['tool_input.command', 'tool_input.input', 'tool_input.patch'],
    },
    ...mcpWriters('mcp__*__', 'tool_input'),
  ],
  shell: { tools: ['Bash'], command: ['tool_input.command'], directory: [] },
  call: ['tool_use_id'],
  detail: ['tool_input.description', 'tool_name'],
}
