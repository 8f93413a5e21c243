import type { ProcessIdentity } from '@holdfast/core'
import { UsageError } from '../failure/usage-error.ts'

/** The process that `--pid` names, as it runs now; `undefined` without the flag. */
export async function runningProcess(pid: string | undefined): Promise<ProcessIdentity | undefined> {
  if (pid === undefined) return undefined
  const number = /^\d+$/.test(pid) ? Number(pid) : 0
  if (!Number.isSafeInteger(number) || number === 0) {
    throw new UsageError(`pid: ${JSON.stringify(pid)} is no process id; give the id of a running process.`)
  }
  const { identify } = await import('@holdfast/engine/lean')
  const identity = identify(number)
  if (identity === null) {
    throw new UsageError(
      `pid: no process ${number} runs on this host; give the id of a running process, or leave --pid out.`,
    )
  }
  return identity
}
