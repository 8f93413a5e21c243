import type { DocumentHook } from '../hook-shape.ts'
import { mcpWriters } from './mcp-writers.ts'

/**
 * opencode calls no commands: a plugin hands on what its hooks get, as `{hook, input, output, directory, parentID?}`, and its
 * events as `{hook: "event", event, directory}`. It throws what stands on standard error if the exit code is 2, and adds
 * `context` to the tool's output. Sources and dates: docs/agents.md.
 */
export const OPENCODE: DocumentHook = {
  source: 'document',
  tool: 'input.tool',
  writers: ['edit', 'multiedit', 'write'],
  paths: ['output.args.filePath', 'input.args.filePath', 'output.args.edits[].filePath'],
  directory: 'directory',
  refusedExitCode: 2,
  event: ['event.type', 'hook'],
  events: [
    { name: 'session.created', kind: 'session-start' },
    { name: 'chat.message', kind: 'prompt', tells: { context: '{text}' } },
    { name: 'tool.execute.before', kind: 'before-tool' },
    { name: 'tool.execute.after', kind: 'after-tool', tells: { context: '{text}' } },
    { name: 'permission.ask', kind: 'waiting' },
    { name: 'permission.asked', kind: 'waiting' },
    { name: 'permission.updated', kind: 'waiting' },
    { name: 'question.asked', kind: 'waiting', waits: 'input' },
    { name: 'permission.replied', kind: 'prompt' },
    { name: 'session.idle', kind: 'stop' },
    { name: 'session.error', kind: 'stop' },
    { name: 'session.deleted', kind: 'session-end' },
    { name: 'dispose', kind: 'session-end' },
    { name: 'session.compacted', kind: 'other' },
  ],
  session: ['input.sessionID', 'event.properties.sessionID', 'event.properties.info.id', 'sessionID'],
  parent: ['parentID', 'event.properties.info.parentID'],
  tools: [
    {
      names: ['apply_patch', 'patch'],
      paths: [],
      patches: ['output.args.patchText', 'input.args.patchText'],
    },
    ...mcpWriters('*_', 'output.args'),
  ],
  shell: {
    tools: ['bash'],
    command: ['output.args.command', 'input.args.command'],
    directory: ['output.args.workdir'],
    timeout: { field: 'output.args.timeout', unit: 'ms' },
  },
  call: ['input.callID'],
  detail: ['event.properties.title', 'event.properties.permission', 'input.title', 'input.tool'],
}
