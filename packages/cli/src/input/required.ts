import { UsageError } from '../failure/usage-error.ts'

/** A value that must be there; says how to give it when it is not. */
export function required<T>(value: T | undefined, field: string, how: string): T {
  if (value === undefined) throw new UsageError(`${field} is missing; give it with ${how}.`)
  return value
}
