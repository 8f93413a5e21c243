import { EventType } from '@holdfast/core'
import { UsageError } from '../failure/usage-error.ts'

const UNRECOGNISED = 'UNRECOGNISED'

/** Reads the names of event types, in any case. */
export function readTypes(names: readonly string[] | undefined): ReadonlySet<string> | null {
  if (names === undefined) return null
  const known = [...EventType.options, UNRECOGNISED]
  return new Set(
    names.map(name => {
      const type = known.find(candidate => candidate === name.toUpperCase())
      if (type !== undefined) return type
      throw new UsageError(`type: ${JSON.stringify(name)} is no event type; known are ${known.join(', ')}.`)
    }),
  )
}
