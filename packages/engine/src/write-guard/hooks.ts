import type { HookShape } from './hook-shape.ts'
import { CLAUDE_CODE } from './protocols/claude-code.ts'
import { CODEX } from './protocols/codex.ts'
import { CURSOR } from './protocols/cursor.ts'
import { GEMINI_CLI } from './protocols/gemini-cli.ts'
import { OPENCODE } from './protocols/opencode.ts'

/** The hooks that are known by name. A local configuration may add others (`guard.hooks`). */
export const HOOKS: Readonly<Record<string, HookShape>> = {
  git: { source: 'git-staged', refusedExitCode: 1 },
  'claude-code': CLAUDE_CODE,
  'gemini-cli': GEMINI_CLI,
  codex: CODEX,
  cursor: CURSOR,
  opencode: OPENCODE,
}
