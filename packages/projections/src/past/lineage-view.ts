import {
  AdoptGround,
  Disposition,
  EndCause,
  Holder,
  Lane,
  LeaseId,
  ProcessIdentity,
  ReapClaim,
  Revision,
  Token,
} from '@holdfast/core'
import * as z from 'zod'
import type { Lineage } from './lineage.ts'
import { Instant, instantOf } from '../view/instant.ts'

/** One ownership of a lease, as the command line's JSON has it. */
const OwnershipJson = z.object({
  token: Token,
  holder: Holder,
  process: ProcessIdentity.nullable(),
  /** `null` for the grant itself. */
  adopted: z.object({ ground: AdoptGround.nullable(), forced: z.boolean() }).nullable(),
  claim: ReapClaim.nullable(),
  since: Instant,
  reason: z.string(),
  /** The name of the token by which it came at a server; absent: by none. */
  accessToken: z.string().optional(),
})

const endings = { revision: Revision, at: Instant, reason: z.string(), accessToken: z.string().optional() } as const

/** Who owned a lease, one after the other, and how it ended; `end` is `null` while it is live. */
export const LineageJson = z.object({
  leaseId: LeaseId,
  lane: Lane,
  owners: z.array(OwnershipJson),
  end: z
    .discriminatedUnion('how', [
      z.object({ how: z.literal('released'), ...endings }),
      z.object({
        how: z.literal('evicted'),
        cause: EndCause,
        disposition: Disposition,
        forced: z.boolean(),
        ...endings,
      }),
    ])
    .nullable(),
})
export type LineageJson = Readonly<z.infer<typeof LineageJson>>

export function lineageJson({ leaseId, lane, owners, end }: Lineage): LineageJson {
  return {
    leaseId,
    lane,
    owners: owners.map(({ sinceMs, ...same }) => ({ ...same, since: instantOf(sinceMs) })),
    end: end === null ? null : endJson(end),
  }
}

function endJson({ atMs, ...same }: NonNullable<Lineage['end']>): LineageJson['end'] {
  return { ...same, at: instantOf(atMs) }
}
