import { stateProjection } from './projection.ts'
import { haltViews } from './view/halt-view.ts'
import { leaseViews } from './view/lease-view.ts'
import { spawnViews } from './view/spawn-view.ts'
import { ticketViews } from './view/ticket-view.ts'

/** The live set, expired leases marked. */
export const liveProjection = stateProjection('live', leaseViews)

/** Who waits, first in line first. */
export const waitingProjection = stateProjection('waiting', ticketViews)

/** Stop intents and how far each got. */
export const haltsProjection = stateProjection('halts', (state, nowMs) => haltViews(state, nowMs))

/** Start intents that have no lease yet. */
export const spawnsProjection = stateProjection('spawns', spawnViews)

/** Events of each type that were ever folded, and how many could not be read. */
export const countsProjection = stateProjection('counts', ({ counts, unrecognisedCount }) => {
  return { ...counts, UNRECOGNISED: unrecognisedCount }
})
