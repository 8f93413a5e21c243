import type { ProcessIdentity } from '@holdfast/core'
import { Option, type Command } from 'commander'
import { UsageError } from '../failure/usage-error.ts'
import { fromEnvironment } from './environment.ts'
import { required, wholeNumber } from './flag-values.ts'

export interface HolderFlag {
  readonly holder?: string
}

export interface TokenFlag {
  readonly token?: string
}

/** `--holder`, which the environment may give. */
export function holderOption(description = 'name of the holder'): Option {
  return fromEnvironment(new Option('--holder <name>', description), 'HOLDFAST_HOLDER')
}

export function holderOf(flags: HolderFlag): string {
  return required(flags.holder, 'holder', '--holder NAME or HOLDFAST_HOLDER')
}

/** `--token`, which the environment may give. */
export function tokenOption(): Option {
  return fromEnvironment(new Option('--token <n>', 'token of the lease'), 'HOLDFAST_TOKEN')
}

export function tokenOf(flags: TokenFlag): number {
  return wholeNumber(required(flags.token, 'token', '--token N or HOLDFAST_TOKEN'), 'token')
}

export function runIdOption(): Option {
  return fromEnvironment(new Option('--run-id <id>', 'name of the work that the lease belongs to'), 'HOLDFAST_RUN_ID')
}

/** LANE, `--holder` and `--token`: what names a lease that one holds. */
export function takesOwnership(command: Command): Command {
  return command.argument('<lane>', 'the lane').addOption(holderOption()).addOption(tokenOption())
}

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
