import type { Option } from 'commander'

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
