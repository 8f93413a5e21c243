import * as z from 'zod'
import { matchesName } from './name-pattern.ts'

/**
 * What a token may do:
 *
 * - `read`: ask questions, follow streams;
 * - `acquire`, `release`, `heartbeat`, `spawn`: write, each command a right of its own;
 * - `adopt`, `scavenge`: end the lease of somebody else, on grounds; `force`: without grounds;
 * - `halt`: ask somebody to stop;
 * - `admin`: list and revoke tokens.
 */
export const Right = z.enum([
  'read',
  'acquire',
  'release',
  'heartbeat',
  'spawn',
  'adopt',
  'scavenge',
  'force',
  'halt',
  'admin',
])
export type Right = z.infer<typeof Right>

/** Who asks, and what he may. */
export interface Grant {
  /** Recorded with every event that comes by it. */
  readonly name: string
  readonly can: readonly Right[]
  /** Names of ledgers; `null`: all of the store. */
  readonly ledgers: readonly string[] | null
  /** Patterns; `null`: all. */
  readonly lanes: readonly string[] | null
  readonly holders: readonly string[] | null
}

/** What a request needs. */
export interface Need {
  readonly rights: readonly Right[]
  readonly ledger?: string | undefined
  /** Every lane that it touches; `null`: it may touch any. */
  readonly lanes?: readonly (string | null)[] | undefined
  /** As whom it acts, and whose leases it ends or stops; `null`: it may be anybody's. */
  readonly holders?: readonly (string | null)[] | undefined
}

/** What a grant lacks for a request, as a sentence for people; `null`: nothing. */
export function lacking(grant: Grant, { rights, ledger, lanes = [], holders = [] }: Need): string | null {
  const right = rights.find(one => !grant.can.includes(one))
  if (right !== undefined) return `it lacks the right ${right} (it has ${grant.can.join(', ')})`
  if (ledger !== undefined && grant.ledgers !== null && !grant.ledgers.includes(ledger)) {
    return `it is for the ledger ${grant.ledgers.join(', ')}, not for ${JSON.stringify(ledger)}`
  }
  return lackingName('lane', lanes, grant.lanes) ?? lackingName('holder', holders, grant.holders)
}

function lackingName(
  what: 'lane' | 'holder',
  names: readonly (string | null)[],
  patterns: readonly string[] | null,
): string | null {
  if (patterns === null) return null
  const beyond = names.find(name => name === null || !patterns.some(pattern => matchesName(pattern, name)))
  if (beyond === undefined) return null
  const bound = `it is bound to ${what}s that match ${patterns.join(', ')}`
  return beyond === null
    ? `${bound}; name a ${what === 'lane' ? 'lane' : 'live lease of one'}`
    : `${bound}, which ${JSON.stringify(beyond)} does not`
}
