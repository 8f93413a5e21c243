import { LeaseId, type LedgerState } from '@holdfast/core'
import type { Need, Right } from '../tokens/rights.ts'
import type { Body, Operation } from './bodies.ts'

type Needs = { readonly [O in Operation]: (body: Body<O>, state: LedgerState) => Need }

/** What each command needs of whoever asks. */
export const NEEDS: Needs = {
  acquire: ({ lane, holder, anyOf = [], allOf = [] }) => ({
    rights: ['acquire'],
    lanes: [lane, ...anyOf, ...allOf.map(claim => claim.lane)],
    holders: [holder],
  }),
  release: ({ lane, holder }) => ({ rights: ['release'], lanes: [lane], holders: [holder] }),
  heartbeat: ({ lane, holder }) => ({ rights: ['heartbeat'], lanes: [lane], holders: [holder] }),
  spawn: ({ lane, holder }) => ({ rights: ['spawn'], lanes: [lane], holders: [holder] }),
  adopt: ({ lane, holder, force }) => ({ rights: ending('adopt', force), lanes: [lane], holders: [holder] }),
  scavenge: ({ lane, force }) => ({ rights: ending('scavenge', force), lanes: [lane] }),
  halt: ({ lane, leaseId }, state) => ({
    rights: ['halt'],
    // A run may hold leases of any lane.
    lanes: [
      ...(leaseId === undefined ? [] : [laneOf(leaseId, state)]),
      ...(lane === undefined && leaseId !== undefined ? [] : [lane ?? null]),
    ],
  }),
  check: () => ({ rights: ['read'] }),
}

function ending(right: Right, force: boolean | undefined): readonly Right[] {
  return force === true ? [right, 'force'] : [right]
}

/** The lane of a lease; `null`: there is no such lease, and it could be anybody's. */
function laneOf(leaseId: string, { leases }: LedgerState): string | null {
  const named = LeaseId.safeParse(leaseId)
  return named.success ? (leases.get(named.data)?.lane ?? null) : null
}
