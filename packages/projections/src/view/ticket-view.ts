import {
  EpochMs,
  Holder,
  Kind,
  Lane,
  Mode,
  RegionGlobs,
  RequestId,
  Revision,
  WorkTree,
  type LedgerState,
} from '@holdfast/core'
import * as z from 'zod'
import { Instant, instantOf } from './instant.ts'

/** A place in the line of those who wait. */
export const TicketView = z.object({
  requestId: RequestId,
  holder: Holder,
  lane: Lane,
  region: RegionGlobs,
  mode: Mode,
  kind: Kind.nullable(),
  /** The git work tree that the request was made in; `null`: unknown. */
  workTree: WorkTree.nullable(),
  /** Revision of the refusal that opened it: the order of the line. */
  place: Revision,
  refreshedAtMs: EpochMs,
  /** When the place is lost without a refresh. */
  untilMs: z.number(),
})
export type TicketView = Readonly<z.infer<typeof TicketView>>

/** Who waits at `nowMs`, first in line first. */
export function ticketViews(state: LedgerState, nowMs: EpochMs): TicketView[] {
  return [...state.tickets.live(nowMs)]
    .map(([, { requestId, holder, lane, region, mode, kind, workTree = null, place, refreshedAtMs, untilMs }]) => {
      return { requestId, holder, lane, region, mode, kind, workTree, place, refreshedAtMs, untilMs }
    })
    .sort((a, b) => a.place - b.place)
}

export const TicketJson = z.object({
  ...TicketView.omit({ refreshedAtMs: true, untilMs: true }).shape,
  refreshedAt: Instant,
  until: Instant,
})
export type TicketJson = Readonly<z.infer<typeof TicketJson>>

export function ticketJson({ refreshedAtMs, untilMs, ...same }: TicketView): TicketJson {
  return { ...same, refreshedAt: instantOf(refreshedAtMs), until: instantOf(untilMs) }
}
