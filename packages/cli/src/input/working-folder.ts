import { UsageError } from '../failure/usage-error.ts'

/** The folder in which the command was called; a work tree may be removed under the shell that stands in it. */
export function workingFolder(): string {
  try {
    return process.cwd()
  } catch (error) {
    throw new UsageError('The working folder no longer exists; change to one that does.', { cause: error })
  }
}
