import type { Configuration } from '../configuration.ts'
import type { Lane } from '../ids.ts'
import { canonical } from '../region/index.ts'

type Naming = Pick<Configuration, 'caseSensitive'>

/**
 * What tells lanes apart: the name itself, which stays as it was given wherever it is told. A ledger that ignores case
 * takes the forms that Unicode has for one name (`é` as one character or as two) for one lane; the case of a lane's name
 * always matters.
 */
export function laneKey(lane: Lane, { caseSensitive }: Naming): Lane {
  return caseSensitive ? lane : (canonical(lane) as Lane)
}

/** Whether both names mean one lane. */
export function isSameLane(a: string, b: string, { caseSensitive }: Naming): boolean {
  return a === b || (!caseSensitive && canonical(a) === canonical(b))
}
