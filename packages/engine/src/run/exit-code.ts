import { constants } from 'node:os'
import type { ExitStatus } from '@holdfast/core'

/** Exit codes of `run` that are its own and not the child's. */
export const RUN_EXIT = {
  leaseLost: 123,
  notAdmitted: 124,
  runFailed: 125,
  notExecutable: 126,
  notFound: 127,
} as const

const SIGNALLED = 128

/** The code that a shell reports for this end: the child's own, or 128 plus the signal's number. */
export function shellCode(exit: ExitStatus): number {
  if (exit.code !== null) return exit.code
  const numbers: Readonly<Record<string, number>> = constants.signals
  return SIGNALLED + (exit.signal === null ? 0 : (numbers[exit.signal] ?? 0))
}
