import type { ExitStatus } from '@holdfast/core'
import { systemTimers } from '../clock/timers.ts'
import { GatedChild } from '../run/gated-child.ts'

/** Time between SIGTERM and SIGKILL for a command whose claim is lost. */
const KILL_GRACE_MS = 5000

/** Words for /bin/sh, with the output on standard error: standard output is the reaper's own. */
const BESIDE = 'exec 1>&2 </dev/null; exec /bin/sh -c "$1"'

export interface ShellCommand {
  readonly words: string
  readonly env: NodeJS.ProcessEnv
  /** Ends the command and all that it started. */
  readonly signal: AbortSignal
  /** Called with the process before the command begins; it does not begin when this rejects. */
  readonly record: (child: GatedChild['identity']) => Promise<void>
}

/** Runs a command through /bin/sh in a group of its own, so that it outlives a reaper that is killed. */
export async function runShellCommand({ words, env, signal, record }: ShellCommand): Promise<ExitStatus> {
  const command = ['/bin/sh', '-c', BESIDE, 'holdfast-reap', words]
  const child = await GatedChild.start({ command, env, ownGroup: true })
  try {
    await record(child.identity)
    signal.throwIfAborted()
  } catch (error) {
    child.drop()
    await child.exited
    throw error
  }
  const stopping: Promise<void>[] = []
  const onAbort = (): void => {
    stopping.push(child.stop(systemTimers, KILL_GRACE_MS))
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    child.letGo()
    const exit = await child.exited
    await Promise.all(stopping)
    return exit
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
