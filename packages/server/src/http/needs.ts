import { LeaseId, type Lease, type LedgerState } from '@holdfast/core'
import { isSameLane } from '@holdfast/core/internal'
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
  adopt: ({ lane, holder, expectToken, force }, state) => ({
    rights: ending('adopt', force),
    lanes: [lane],
    holders: [holder, ...holdersOf(state, lease => lease.token === expectToken && isOn(lane, lease, state))],
  }),
  scavenge: ({ lane, token, force }, state) => ({
    rights: ending('scavenge', force),
    lanes: [lane],
    holders: holdersOf(state, lease => lease.token === token && isOn(lane, lease, state)),
  }),
  halt: ({ lane, leaseId, runId }, state) => ({
    rights: ['halt'],
    holders: holdersOf(
      state,
      lease =>
        (lane === undefined || isOn(lane, lease, state)) &&
        (leaseId === undefined || lease.leaseId === leaseId) &&
        (runId === undefined || lease.runId === runId),
    ),
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

/** The holders of the live leases that are meant; `null` where there is none: the next one could be anybody's. */
function holdersOf({ leases }: LedgerState, isMeant: (lease: Lease) => boolean): readonly (string | null)[] {
  const holders = [...leases.values()].filter(isMeant).map(({ holder }) => holder)
  return holders.length === 0 ? [null] : holders
}

function isOn(lane: string, lease: Lease, { config }: LedgerState): boolean {
  return isSameLane(lease.lane, lane, config)
}
