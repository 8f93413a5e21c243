import type { Command } from 'commander'
import { UsageError } from '../failure/usage-error.ts'

/** What a command that ends at once takes at most where a server has to answer, all that it asks included. */
const LIMIT_MS = 5_000

/** Commands whose work lasts: each of their operations has the limit for itself. `acquire` is one with `--wait`. */
const LASTING: ReadonlySet<string> = new Set([
  'run',
  'setup',
  'reap',
  'serve',
  'mcp',
  'top',
  'wait',
  'log',
  'contention',
  'gaps',
  'runs',
  'verify',
  'export',
  'drop',
  'import',
  'backup',
  'restore',
  'compact',
  'move',
  'pre-merge-commit',
  'pre-rebase',
  'pre-push',
])

/** Milliseconds that `--timeout` names; undefined where it was left out. */
export async function timeoutMs(flag: string | undefined): Promise<number | undefined> {
  if (flag === undefined) return undefined
  // Loaded for those who ask for it: the quick commands go without the engine.
  const { parseDuration } = await import('@holdfast/engine/lean')
  const spanMs = parseDuration(flag, 'timeout')
  if (spanMs === 0) throw new UsageError('timeout: give at least 1ms.')
  return spanMs
}

/** How long all of a command may take where a server has to answer; `null`: its work lasts. */
export function limitMs(command: Command, timeout: number | undefined): number | null {
  const isLasting = LASTING.has(command.name()) || command.opts<{ readonly wait?: string }>().wait !== undefined
  return isLasting ? null : (timeout ?? LIMIT_MS)
}
