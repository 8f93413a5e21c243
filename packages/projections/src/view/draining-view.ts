import {
  Holder,
  Kind,
  Lane,
  LeaseId,
  Mode,
  RegionGlobs,
  Token,
  WorkTree,
  type LedgerState,
  type Moment,
} from '@holdfast/core'
import { drainingAt } from '@holdfast/core/internal'
import * as z from 'zod'
import { Instant, instantOf } from './instant.ts'

/** What a lease that was taken by force, or a restored history, still keeps closed. */
export const DrainingView = z.object({
  leaseId: LeaseId,
  /** The old token: a RELEASE of its holder under it ends the draining early. */
  token: Token,
  lane: Lane,
  holder: Holder,
  region: RegionGlobs,
  mode: Mode,
  kind: Kind.nullable(),
  /** That of the lease; `null`: unknown. */
  workTree: WorkTree.nullable(),
  /** Until when nothing is granted over it, on the log clock. */
  untilMs: z.number(),
  /** After a restore: in the way of everything in the ledger, and no release ends it. */
  ledgerWide: z.literal(true).optional(),
})
export type DrainingView = Readonly<z.infer<typeof DrainingView>>

/** What drains at a moment, the oldest token first. */
export function drainingViews(state: LedgerState, moment: Moment): DrainingView[] {
  return [...drainingAt(state, moment)]
    .map(({ leaseId, token, lane, holder, region, mode, kind, workTree = null, untilMs, ledgerWide }) => {
      const view = { leaseId, token, lane, holder, region, mode, kind, workTree, untilMs }
      return ledgerWide === true ? { ...view, ledgerWide } : view
    })
    .sort((a, b) => a.token - b.token)
}

export const DrainingJson = z.object({ ...DrainingView.omit({ untilMs: true }).shape, until: Instant })
export type DrainingJson = Readonly<z.infer<typeof DrainingJson>>

export function drainingJson({ untilMs, ...same }: DrainingView): DrainingJson {
  return { ...same, until: instantOf(untilMs) }
}
