import type { Option } from 'commander'
import { UsageError } from '../failure/usage-error.ts'

/** Where a call stands that is answered in the process of somebody else. */
export interface Standing {
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
}

let standing: () => Standing | undefined = () => undefined

/** From now on `find` says where a call stands; `undefined`: in this process. */
export function standBy(find: () => Standing | undefined): void {
  standing = find
}

/** A variable of the environment. One that is set to nothing, as scripts do with `NAME=`, counts as not set. */
export function environment(name: string): string | undefined {
  const value = (standing()?.environment ?? process.env)[name]
  return value === '' ? undefined : value
}

/** Gives a flag the value of a variable where the line does not give one. */
export function fromEnvironment(option: Option, name: string): Option {
  // Commander would take an empty one for a value.
  return process.env[name] === '' ? option : option.env(name)
}

/** The folder in which the command was called; a work tree may be removed under the shell that stands in it. */
export function workingFolder(): string {
  const elsewhere = standing()
  if (elsewhere !== undefined) return elsewhere.folder
  try {
    return process.cwd()
  } catch (error) {
    throw new UsageError('The working folder no longer exists; change to one that does.', { cause: error })
  }
}
