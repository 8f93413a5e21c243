import { admit, type AdmitRequest } from '../admission/admit.ts'
import { conflictBetween, type Covering } from '../admission/conflict.ts'
import type { Configuration } from '../configuration.ts'
import type { Lease } from '../state/lease.ts'
import { different, EQUAL, type Comparison } from './comparison.ts'

/** Law 7, first half: whether two claims conflict does not depend on which one asks. test/core/law-07. */
export function conflictIsSymmetric(
  a: Covering,
  b: Covering,
  config: Configuration,
  conflict: typeof conflictBetween = conflictBetween,
): Comparison {
  const there = conflict(a, b, config) !== null
  const back = conflict(b, a, config) !== null
  return there === back ? EQUAL : different('$.conflict', there, back)
}

/** A question, beside few leases and beside `more`. */
export interface MoreLeases {
  readonly request: AdmitRequest
  readonly leases: readonly Lease[]
  readonly more: readonly Lease[]
}

/** Law 7, second half: more live leases never turn a refusal into a grant. test/core/law-07. */
export function moreLeasesNeverAdmit({ request, leases, more }: MoreLeases, asking: typeof admit = admit): Comparison {
  const few = asking(request, leases)
  const many = asking(request, [...leases, ...more])
  return !few.admitted && many.admitted ? different('$.admitted', few, many) : EQUAL
}
