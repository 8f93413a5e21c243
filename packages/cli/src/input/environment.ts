import type { Option } from 'commander'
import { UsageError } from '../failure/usage-error.ts'

/** A variable of the environment. One that is set to nothing, as scripts do with `NAME=`, counts as not set. */
export function environment(name: string): string | undefined {
  const value = process.env[name]
  return value === '' ? undefined : value
}

/** Gives a flag the value of a variable where the line does not give one. */
export function fromEnvironment(option: Option, name: string): Option {
  // Commander would take an empty one for a value.
  return process.env[name] === '' ? option : option.env(name)
}

/** The folder in which the command was called; a work tree may be removed under the shell that stands in it. */
export function workingFolder(): string {
  try {
    return process.cwd()
  } catch (error) {
    throw new UsageError('The working folder no longer exists; change to one that does.', { cause: error })
  }
}
