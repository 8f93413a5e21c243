import { spawn } from 'node:child_process'

/** Ends the child's group when the pipe ends without a word: the runner was killed. */
const WATCH =
  'IFS= read -r word <&3 && exit 0; kill -s TERM -- "-$1" 2>/dev/null || exit 0; sleep "$2"; kill -s KILL -- "-$1" 2>/dev/null; exit 0'

/**
 * A process that outlives this one and ends the group of `pid` when this one dies without dismissing it. Returns the
 * function that dismisses it.
 */
export function startWatchdog(pid: number, killGraceMs: number): () => void {
  const seconds = String(Math.max(1, Math.ceil(killGraceMs / 1000)))
  const watchdog = spawn('/bin/sh', ['-c', WATCH, 'holdfast-watchdog', String(pid), seconds], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const pipe = watchdog.stdio[3]
  watchdog.unref()
  // The watchdog may be gone already; then there is nobody to dismiss.
  watchdog.on('error', () => {})
  pipe?.on('error', () => {})
  return () => {
    if (pipe !== null && pipe !== undefined && 'write' in pipe) pipe.end('done\n')
  }
}
