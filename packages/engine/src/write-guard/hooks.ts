import type { HookShape } from './hook-shape.ts'

/** The hooks that are known by name. A local configuration may add others (`guard.hooks`). */
export const HOOKS: Readonly<Record<string, HookShape>> = {
  git: { source: 'git-staged', refusedExitCode: 1 },
  // Exit code 2 blocks the tool and shows standard error to the model; any other failure would let it run.
  'claude-code': {
    source: 'document',
    tool: 'tool_name',
    writers: ['Edit', 'MultiEdit', 'NotebookEdit', 'Write'],
    paths: ['tool_input.file_path', 'tool_input.notebook_path', 'tool_input.edits[].file_path'],
    directory: 'cwd',
    refusedExitCode: 2,
    settings: {
      file: '.claude/settings.json',
      list: ['hooks', 'PreToolUse'],
      entry: {
        matcher: 'Edit|MultiEdit|NotebookEdit|Write',
        hooks: [{ type: 'command', command: '{command}' }],
      },
    },
  },
  'gemini-cli': {
    source: 'document',
    tool: 'tool_name',
    writers: ['replace', 'write_file'],
    paths: ['tool_input.file_path'],
    directory: 'cwd',
    refusedExitCode: 2,
    settings: {
      file: '.gemini/settings.json',
      list: ['hooks', 'BeforeTool'],
      entry: { matcher: 'replace|write_file', hooks: [{ type: 'command', command: '{command}' }] },
    },
  },
}
