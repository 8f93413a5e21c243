import { Holder, type ExitStatus, type Token } from '@holdfast/core'
import { checkOptions, checkText } from '../check-given.ts'
import { childEnvironment } from '../run/child-environment.ts'
import type { Effect } from './claimed-work.ts'
import type { FailedWork, Gate, ReapUnit } from './reap-unit.ts'
import { runShellCommand } from './shell-command.ts'

/** Exit codes from here on are the shell's own: the command was not executable, not found, or died of a signal. */
const COULD_NOT_RUN = 126

/** How long a notification may take. */
const NOTICE_MAX_MS = 60_000

export interface ReapCommand {
  /** Shell words, run through /bin/sh -c. */
  readonly words: string
  /** The reaper's own name. */
  readonly holder: string
  /** What the command is told as its store and ledger. */
  readonly store: string
  readonly ledger: string
  /** Makes the command refuse any other ledger; absent: it is not told. */
  readonly ledgerId?: string | undefined
  /** Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv | undefined
}

/**
 * A gate that is a command: 0 is green, any other code of its own red; a command that cannot be run, or is killed,
 * cannot tell. It is read-only, so it is no recorded child.
 */
export function commandGate(command: ReapCommand): Gate {
  checkCommand(command)
  return async (unit, { token, signal }) => {
    const env = environment(command, unit, token)
    const exit = await runShellCommand({ words: command.words, env, signal, record: () => Promise.resolve() })
    if (exit.code === null || exit.code >= COULD_NOT_RUN) return 'unknown'
    return exit.code === 0 ? 'green' : 'red'
  }
}

/**
 * An effect that is a command: 0 means that it ran. Its process is recorded as a child of the claim before it begins,
 * so whoever takes the claim over on this host waits for its end.
 */
export function commandEffect(command: ReapCommand): Effect {
  checkCommand(command)
  return async (unit, { token, signal, disposition, recordChildren }) => {
    const env = { ...environment(command, unit, token), HOLDFAST_REAP_DISPOSITION: disposition }
    const record = (child: Parameters<Parameters<typeof runShellCommand>[0]['record']>[0]): Promise<void> =>
      recordChildren({ children: [child] })
    const exit = await runShellCommand({ words: command.words, env, signal, record })
    demandSuccess(exit)
  }
}

/** A notification that is a command: told like an effect, but under no claim, and for a minute at most. */
export function commandNotice(command: ReapCommand): (failed: FailedWork) => Promise<void> {
  checkCommand(command)
  return async failed => {
    const env = {
      ...environment(command, failed, failed.lease.token),
      HOLDFAST_REAP_DISPOSITION: 'failed',
      HOLDFAST_REAP_REASON: failed.reason,
    }
    const signal = AbortSignal.timeout(NOTICE_MAX_MS)
    const exit = await runShellCommand({ words: command.words, env, signal, record: () => Promise.resolve() })
    demandSuccess(exit)
  }
}

/** Before a lease ends, or its reaper would find out when it has to act. */
function checkCommand(command: ReapCommand): void {
  checkOptions(command, { ledgerId: 'text', env: 'object' }, 'command')
  for (const name of ['words', 'holder', 'store', 'ledger'] as const) checkText(command[name], name)
}

function demandSuccess(exit: ExitStatus): void {
  if (exit.code === 0) return
  throw new Error(`the command ended with ${exit.code === null ? (exit.signal ?? 'no code') : `code ${exit.code}`}`)
}

function environment(command: ReapCommand, unit: ReapUnit | FailedWork, token: Token): NodeJS.ProcessEnv {
  const { holder, store, ledger, ledgerId = '', env = process.env } = command
  const { lease, key, cause, exit, attempt } = unit
  const { lane, leaseId, runId } = lease
  const claim = { lane, leaseId, token, holder: Holder.parse(holder) }
  return {
    ...childEnvironment(env, { lease: claim, runId: runId ?? '', store, ledger, ledgerId }),
    HOLDFAST_REAP_KEY: String(key ?? ''),
    HOLDFAST_REAP_CAUSE: cause,
    HOLDFAST_REAP_HOLDER: lease.holder,
    HOLDFAST_EXIT_CODE: String(exit?.code ?? ''),
    HOLDFAST_EXIT_SIGNAL: exit?.signal ?? '',
    HOLDFAST_ATTEMPT: String(attempt),
    HOLDFAST_MAX_ATTEMPTS: String(lease.maxAttempts),
  }
}
